import { Box, Button, Checkbox, FormControlLabel, FormGroup, Stack, Switch, TextField, Typography } from "@mui/material";
import { useId, useState, type FormEvent } from "react";
import type { CatalogQuestion } from "../api/catalog";
import type { FacetCount, Kind } from "../api/types";
import { useTexts, type TextKey } from "../texts";

export const MULTI = ["category", "level", "brand", "seller"] as const;
export type Multi = (typeof MULTI)[number];
const OF_KIND: Record<Kind, readonly Multi[]> = {
  course: ["category", "level", "seller"],
  product: ["category", "brand", "seller"],
};

const TITLES: Record<Multi, TextKey> = {
  category: "filter.category",
  level: "filter.level",
  brand: "filter.brand",
  seller: "filter.seller",
};
const SHOWN = 8;
const PRICE = "\\d{0,7}([.]\\d{1,2})?";

interface FacetProps {
  title: string;
  counts: FacetCount[];
  chosen: string[];
  toggle: (value: string) => void;
}

function Facet({ title, counts, chosen, toggle }: FacetProps) {
  const { t, number } = useTexts();
  const [all, setAll] = useState(false);
  const labelId = useId();
  const shown = all ? counts : counts.filter((count, index) => index < SHOWN || chosen.includes(count.value));
  if (counts.length === 0) return null;
  return (
    <Box role="group" aria-labelledby={labelId} sx={{ py: 2, borderTop: 1, borderColor: "divider" }}>
      <Typography id={labelId} variant="subtitle1" sx={{ mb: 0.5 }}>
        {title}
      </Typography>
      <FormGroup>
        {shown.map(({ value, label, count }) => (
          <FormControlLabel
            key={value}
            control={<Checkbox size="small" checked={chosen.includes(value)} onChange={() => toggle(value)} />}
            label={
              <Stack direction="row" sx={{ justifyContent: "space-between", gap: 1 }}>
                <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
                  {label}
                </Typography>
                <Typography variant="body2" sx={{ color: "text.secondary", fontVariantNumeric: "tabular-nums" }}>
                  {number(count)}
                </Typography>
              </Stack>
            }
            slotProps={{ typography: { component: "div", sx: { flex: 1 } } }}
            sx={{ mr: 0 }}
          />
        ))}
      </FormGroup>
      {counts.length > SHOWN && (
        <Button size="small" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t("filter.fewer") : t("filter.all", { count: counts.length })}
        </Button>
      )}
    </Box>
  );
}

interface PriceRangeProps {
  low: string;
  high: string;
  apply: (low: string, high: string) => void;
}

function PriceRange({ low, high, apply }: PriceRangeProps) {
  const { t } = useTexts();
  const [from, setFrom] = useState(low);
  const [to, setTo] = useState(high);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply(from, to);
  };
  const field = { size: "small", slotProps: { htmlInput: { inputMode: "decimal", pattern: PRICE } } } as const;
  return (
    <Box component="form" onSubmit={submit} sx={{ py: 2, borderTop: 1, borderColor: "divider" }}>
      <Typography variant="subtitle1" sx={{ mb: 1.25 }}>
        {t("filter.price")}
      </Typography>
      <Stack direction="row" sx={{ gap: 1 }}>
        <TextField {...field} label={t("filter.from")} value={from} onChange={(event) => setFrom(event.target.value)} />
        <TextField {...field} label={t("filter.to")} value={to} onChange={(event) => setTo(event.target.value)} />
        <Button type="submit" variant="outlined" sx={{ flexShrink: 0, minWidth: 0 }}>
          {t("filter.apply")}
        </Button>
      </Stack>
    </Box>
  );
}

interface FiltersProps {
  kind: Kind;
  question: CatalogQuestion;
  facets: Record<string, FacetCount[]>;
  toggle: (name: Multi, value: string) => void;
  setOne: (name: string, value: string) => void;
}

export function Filters({ kind, question, facets, toggle, setOne }: FiltersProps) {
  const { t, named } = useTexts();
  const { min_price: low = "", max_price: high = "" } = question;
  const countsOf = (name: Multi) =>
    (facets[name] ?? []).map((count) =>
      name === "level" ? { ...count, label: named("level", count.value, count.label) } : count,
    );
  return (
    <Box component="section" aria-label={t("catalog.filters")} sx={{ "& > :first-of-type": { borderTop: 0, pt: 0.5 } }}>
      {OF_KIND[kind].map((name) => (
        <Facet
          key={name}
          title={t(TITLES[name])}
          counts={countsOf(name)}
          chosen={question[name] ?? []}
          toggle={(value) => toggle(name, value)}
        />
      ))}
      <PriceRange
        key={`${low}-${high}`}
        low={low}
        high={high}
        apply={(from, to) => {
          setOne("min_price", from);
          setOne("max_price", to);
        }}
      />
      <Box sx={{ py: 1.5, borderTop: 1, borderColor: "divider" }}>
        <FormControlLabel
          control={
            <Switch
              size="small"
              checked={question.in_stock === "true"}
              onChange={(_, checked) => setOne("in_stock", checked ? "true" : "")}
            />
          }
          label={t("filter.available")}
          slotProps={{ typography: { variant: "body2" } }}
          sx={{ ml: 0, gap: 1.25 }}
        />
      </Box>
    </Box>
  );
}
