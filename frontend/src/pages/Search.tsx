import { Box, Button, Grid, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Search, SearchX } from "lucide-react";
import { Link as RouterLink, useSearchParams } from "react-router";
import { plural, searchQuery } from "../api/catalog";
import type { Item, Kind } from "../api/types";
import { ItemCard } from "../components/ItemCard";
import { usePageTitle } from "../components/Shell";
import { cardColumns, CardsSkeleton, Empty, Failure } from "../components/States";
import { useTexts } from "../texts";

interface ResultsProps {
  kind: Kind;
  items: Item[];
  total: number;
  q: string;
}

function Results({ kind, items, total, q }: ResultsProps) {
  const { t, number } = useTexts();
  if (items.length === 0) return null;
  const title = t(kind === "course" ? "nav.courses" : "nav.products");
  return (
    <Box component="section" sx={{ mt: 4 }}>
      <Stack direction="row" sx={{ alignItems: "baseline", justifyContent: "space-between", mb: 2, gap: 2 }}>
        <Typography variant="h2">
          {title}{" "}
          <Typography component="span" sx={{ color: "text.secondary" }}>
            {number(total)}
          </Typography>
        </Typography>
        <Button
          component={RouterLink}
          to={`/${plural(kind)}?q=${encodeURIComponent(q)}`}
          endIcon={<ArrowRight size={18} />}
          aria-label={`${t("search.all")}: ${title}`}
        >
          {t("search.all")}
        </Button>
      </Stack>
      <Grid container spacing={{ xs: 1.5, sm: 2.5 }}>
        {items.map((item) => (
          <Grid size={cardColumns} key={item.id}>
            <ItemCard item={item} />
          </Grid>
        ))}
      </Grid>
    </Box>
  );
}

export function SearchPage() {
  const { t } = useTexts();
  const [parameters] = useSearchParams();
  const q = (parameters.get("q") ?? "").trim();
  usePageTitle(q ? t("search.for", { q }) : t("search.label"));
  const { data, error, isPending, refetch } = useQuery({ ...searchQuery(q), enabled: q.length >= 2 });

  if (q.length < 2) return <Empty icon={Search} title={t("search.label")} text={t("search.tooShort")} />;
  const nothing = data && data.course.length + data.product.length === 0;
  return (
    <>
      <Typography variant="h2" component="h1" sx={{ overflowWrap: "anywhere" }}>
        {t("search.for", { q })}
      </Typography>
      {error && <Failure fault={error} retry={() => void refetch()} />}
      {isPending && !error && (
        <Box sx={{ mt: 4 }}>
          <CardsSkeleton />
        </Box>
      )}
      {nothing && <Empty icon={SearchX} title={t("search.none")} text={t("search.noneText")} />}
      {data && <Results kind="product" items={data.product} total={data.totals.product ?? 0} q={q} />}
      {data && <Results kind="course" items={data.course} total={data.totals.course ?? 0} q={q} />}
    </>
  );
}
