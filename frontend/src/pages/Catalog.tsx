import { Box, Button, Chip, Drawer, Grid, IconButton, MenuItem, Stack, TextField, Typography, useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material/styles";
import { useInfiniteQuery } from "@tanstack/react-query";
import { SearchX, SlidersHorizontal, X } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { catalogQuery, type CatalogQuestion } from "../api/catalog";
import type { FacetCount, Kind } from "../api/types";
import { Filters, MULTI, type Multi } from "../components/Filters";
import { ItemCard } from "../components/ItemCard";
import { usePageTitle } from "../components/Shell";
import { CardsSkeleton, Empty, Failure } from "../components/States";
import { useTexts, type TextKey } from "../texts";

const SORTS = ["new", "popular", "price", "-price", "rating"] as const;
/** What the API does when no order is asked for: the best match of a text, else the newest. */
const DEFAULT_SORT = "new";
const columns = { xs: 6, sm: 4, md: 4 } as const;

function questionOf(parameters: URLSearchParams): CatalogQuestion {
  return {
    q: parameters.get("q") ?? undefined,
    category: parameters.getAll("category"),
    seller: parameters.getAll("seller"),
    level: parameters.getAll("level"),
    brand: parameters.getAll("brand"),
    in_stock: parameters.get("in_stock") ?? undefined,
    min_price: parameters.get("min_price") ?? undefined,
    max_price: parameters.get("max_price") ?? undefined,
    sort: parameters.get("sort") ?? undefined,
  };
}

/** The question lives in the address, so a reload, a shared link and the back button all keep it. */
function useQuestion() {
  const [parameters, setParameters] = useSearchParams();
  const change = (edit: (next: URLSearchParams) => void) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        edit(next);
        return next;
      },
      { preventScrollReset: true },
    );
  const setOne = (name: string, value: string) => change((next) => (value ? next.set(name, value) : next.delete(name)));
  const toggle = (name: Multi, value: string) =>
    change((next) => (next.has(name, value) ? next.delete(name, value) : next.append(name, value)));
  const clear = () => change((next) => [...next.keys()].forEach((name) => name !== "sort" && next.delete(name)));
  return { question: questionOf(parameters), setOne, toggle, clear };
}

interface ActiveProps {
  question: CatalogQuestion;
  facets: Record<string, FacetCount[]>;
  toggle: (name: Multi, value: string) => void;
  setOne: (name: string, value: string) => void;
  clear: () => void;
}

function ActiveFilters({ question, facets, toggle, setOne, clear }: ActiveProps) {
  const { t, named } = useTexts();
  const labelOf = (name: Multi, value: string) =>
    name === "level" ? named("level", value, value) : (facets[name]?.find((count) => count.value === value)?.label ?? value);
  const chips = MULTI.flatMap((name) => (question[name] ?? []).map((value) => ({ name, value })));
  const { min_price: low, max_price: high, in_stock: inStock, q } = question;
  if (!chips.length && !low && !high && !inStock && !q) return null;
  return (
    <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap", mb: 2.5 }}>
      {q && <Chip label={t("catalog.for", { q })} onDelete={() => setOne("q", "")} />}
      {chips.map(({ name, value }) => (
        <Chip key={`${name}:${value}`} label={labelOf(name, value)} onDelete={() => toggle(name, value)} />
      ))}
      {low && <Chip label={t("catalog.from", { price: low })} onDelete={() => setOne("min_price", "")} />}
      {high && <Chip label={t("catalog.to", { price: high })} onDelete={() => setOne("max_price", "")} />}
      {inStock && <Chip label={t("filter.available")} onDelete={() => setOne("in_stock", "")} />}
      <Button size="small" onClick={clear}>
        {t("catalog.clear")}
      </Button>
    </Stack>
  );
}

interface SortFieldProps {
  value: string;
  hasText: boolean;
  onChange: (value: string) => void;
}

function SortField({ value, hasText, onChange }: SortFieldProps) {
  const { t } = useTexts();
  return (
    <TextField
      select
      size="small"
      fullWidth={false}
      label={t("catalog.sort")}
      value={value || (hasText ? "" : DEFAULT_SORT)}
      onChange={(event) => onChange(event.target.value)}
      sx={{ minWidth: 170 }}
      slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
    >
      {hasText && <MenuItem value="">{t("sort.best")}</MenuItem>}
      {SORTS.map((sort) => (
        <MenuItem key={sort} value={sort}>
          {t(`sort.${sort}` as TextKey)}
        </MenuItem>
      ))}
    </TextField>
  );
}

export function CatalogPage({ kind }: { kind: Kind }) {
  const { t, counted } = useTexts();
  const title = t(kind === "course" ? "nav.courses" : "nav.products");
  usePageTitle(title);
  const { question, setOne, toggle, clear } = useQuestion();
  const { data, error, isPending, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(catalogQuery(kind, question));
  const [drawer, setDrawer] = useState(false);
  const isWide = useMediaQuery((theme: Theme) => theme.breakpoints.up("md"));

  const facets = data?.pages[0]?.facets ?? {};
  const items = data?.pages.flatMap((page) => page.data) ?? [];
  const total = data?.pages[0]?.page.total ?? 0;
  const filters = <Filters kind={kind} question={question} facets={facets} toggle={toggle} setOne={setOne} />;

  return (
    <Grid container spacing={4}>
      {isWide && <Grid size={{ md: 3 }}>{filters}</Grid>}
      <Grid size={{ xs: 12, md: 9 }}>
        <Stack direction="row" sx={{ alignItems: "center", gap: 1.5, flexWrap: "wrap", mb: 2.5 }}>
          <Box sx={{ mr: "auto" }}>
            <Typography variant="h2" component="h1">
              {title}
            </Typography>
            <Typography role="status" variant="body2" sx={{ color: "text.secondary", minHeight: "1.4em" }}>
              {data && counted("catalog.found", total)}
            </Typography>
          </Box>
          {!isWide && (
            <Button variant="outlined" startIcon={<SlidersHorizontal size={18} />} onClick={() => setDrawer(true)}>
              {t("catalog.filters")}
            </Button>
          )}
          <SortField value={question.sort ?? ""} hasText={Boolean(question.q)} onChange={(value) => setOne("sort", value)} />
        </Stack>
        <ActiveFilters {...{ question, facets, toggle, setOne, clear }} />
        {error && <Failure fault={error} retry={() => void refetch()} />}
        {isPending && <CardsSkeleton count={9} />}
        {data && items.length === 0 && (
          <Empty
            icon={SearchX}
            title={t("catalog.none")}
            text={t("catalog.noneText")}
            action={
              <Button variant="contained" onClick={clear}>
                {t("catalog.clear")}
              </Button>
            }
          />
        )}
        <Grid container spacing={{ xs: 1.5, sm: 2.5 }} sx={{ opacity: isPlaceholderData ? 0.55 : 1 }}>
          {items.map((item) => (
            <Grid size={columns} key={item.id}>
              <ItemCard item={item} />
            </Grid>
          ))}
        </Grid>
        {hasNextPage && (
          <Stack sx={{ alignItems: "center", mt: 4, gap: 1 }}>
            <Typography variant="body2" sx={{ color: "text.secondary" }}>
              {t("catalog.shown", { shown: items.length, total })}
            </Typography>
            <Button variant="outlined" size="large" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t("catalog.more")}
            </Button>
          </Stack>
        )}
      </Grid>
      <Drawer
        anchor="bottom"
        open={drawer && !isWide}
        onClose={() => setDrawer(false)}
        slotProps={{ paper: { sx: { maxHeight: "85dvh", borderRadius: "16px 16px 0 0" } } }}
      >
        <Stack direction="row" sx={{ px: 2.5, pt: 2, alignItems: "center", justifyContent: "space-between" }}>
          <Typography variant="h3" component="h2">
            {t("catalog.filters")}
          </Typography>
          <IconButton aria-label={t("action.close")} onClick={() => setDrawer(false)}>
            <X size={20} />
          </IconButton>
        </Stack>
        <Box sx={{ px: 2.5, overflowY: "auto" }}>{filters}</Box>
        <Box sx={{ p: 2, borderTop: 1, borderColor: "divider" }}>
          <Button fullWidth variant="contained" size="large" onClick={() => setDrawer(false)}>
            {counted("catalog.show", total)}
          </Button>
        </Box>
      </Drawer>
    </Grid>
  );
}
