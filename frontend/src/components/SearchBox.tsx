import { Autocomplete, Box, InputAdornment, TextField, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { searchQuery } from "../api/catalog";
import type { Item } from "../api/types";
import { useTexts } from "../texts";
import { itemPath } from "./ItemCard";
import { Picture } from "./Picture";

const SHORTEST = 2;
const PAUSE_MS = 180;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** The site's search: suggestions while typing, the results page on Enter. */
export function SearchBox() {
  const { t, money } = useTexts();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const asked = parameters.get("q") ?? "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);

  const wanted = useSettled(typed.trim());
  const enabled = wanted.length >= SHORTEST && wanted !== asked;
  const { data } = useQuery({ ...searchQuery(wanted), enabled });
  const options = enabled && data ? [...data.product, ...data.course] : [];

  const open = (chosen: Item | string | null) => {
    if (!chosen) return;
    if (typeof chosen !== "string") void navigate(itemPath(chosen));
    else if (chosen.trim().length >= SHORTEST) void navigate(`/search?q=${encodeURIComponent(chosen.trim())}`);
  };

  return (
    <Box component="search">
      <Autocomplete<Item, false, true, true>
        freeSolo
        disableClearable
        blurOnSelect
        options={options}
        filterOptions={(found) => found}
        getOptionLabel={(option) => (typeof option === "string" ? option : option.title)}
        getOptionKey={(option) => (typeof option === "string" ? option : `${option.kind}:${option.id}`)}
        inputValue={typed}
        value={asked}
        onInputChange={(_, text, reason) => reason !== "reset" && setTyped(text)}
        onChange={(_, chosen) => open(chosen)}
        renderOption={({ key, ...props }, option) => (
          <Box component="li" key={key} {...props} sx={{ gap: 1.5 }}>
            <Box sx={{ width: 52, flexShrink: 0, borderRadius: 0.5, overflow: "hidden" }}>
              <Picture src={option.picture} title="" />
            </Box>
            <Box sx={{ minWidth: 0, flex: 1 }}>
              <Typography noWrap>{option.title}</Typography>
              <Typography variant="caption" sx={{ color: "text.secondary" }}>
                {option.seller.name}
              </Typography>
            </Box>
            <Typography sx={{ fontWeight: 600 }}>{money(option.price, option.currency)}</Typography>
          </Box>
        )}
        renderInput={(input) => (
          <TextField
            {...input}
            size="small"
            type="search"
            placeholder={t("search.placeholder")}
            sx={{ "& .MuiOutlinedInput-root": { borderRadius: 99, bgcolor: "background.paper" } }}
            slotProps={{
              ...input.slotProps,
              htmlInput: {
                ...input.slotProps.htmlInput,
                "aria-label": t("search.label"),
                maxLength: 100,
                enterKeyHint: "search",
              },
              input: {
                ...input.slotProps.input,
                startAdornment: (
                  <InputAdornment position="start">
                    <Search size={18} aria-hidden />
                  </InputAdornment>
                ),
              },
            }}
          />
        )}
      />
    </Box>
  );
}
