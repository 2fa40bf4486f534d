import { Box, Button, Grid, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, BookOpen, Package } from "lucide-react";
import { Link as RouterLink } from "react-router";
import { picksQuery, plural } from "../api/catalog";
import type { Kind } from "../api/types";
import { ItemCard } from "../components/ItemCard";
import { Picture } from "../components/Picture";
import { usePageTitle } from "../components/Shell";
import { cardColumns, CardsSkeleton, Failure } from "../components/States";
import { useTexts } from "../texts";

function Hero() {
  const { t } = useTexts();
  return (
    <Box
      sx={{
        position: "relative",
        overflow: "hidden",
        borderRadius: 2,
        px: { xs: 3, md: 7 },
        py: { xs: 5, md: 8 },
        color: "#f3fbf9",
        background:
          "radial-gradient(60rem 30rem at 90% -20%, #14b8a6 0%, transparent 60%), radial-gradient(40rem 30rem at 100% 120%, #b45309 0%, transparent 55%), #0b3b37",
      }}
    >
      <Typography variant="h1" sx={{ maxWidth: 640, textWrap: "balance" }}>
        {t("home.title")}
      </Typography>
      <Typography sx={{ mt: 2, maxWidth: 520, fontSize: "1.1rem", color: "#cfe6e2" }}>{t("home.text")}</Typography>
      <Stack direction="row" sx={{ mt: 4, gap: 1.5, flexWrap: "wrap" }}>
        <Button
          component={RouterLink}
          to="/courses"
          size="large"
          variant="contained"
          startIcon={<BookOpen size={20} />}
          sx={{ bgcolor: "#f3fbf9", color: "#0b3b37", "&:hover": { bgcolor: "#ffffff" } }}
        >
          {t("home.toCourses")}
        </Button>
        <Button
          component={RouterLink}
          to="/products"
          size="large"
          variant="outlined"
          startIcon={<Package size={20} />}
          sx={{ color: "inherit", borderColor: "#f3fbf999", "&:hover": { borderColor: "#ffffff", bgcolor: "#ffffff1a" } }}
        >
          {t("home.toProducts")}
        </Button>
      </Stack>
      <Collage />
    </Box>
  );
}

const TILTS = ["rotate(-7deg)", "rotate(4deg) translateY(-14%)", "rotate(11deg) translateY(10%)"];

/** Three pictures of what people choose, where there is room for them. */
function Collage() {
  const { data } = useQuery(picksQuery("course", "popular"));
  const pictures = (data?.data ?? []).flatMap((item) => item.picture ?? []).slice(0, TILTS.length);
  return (
    <Box
      aria-hidden
      sx={{
        display: { xs: "none", md: "flex" },
        position: "absolute",
        right: 40,
        top: 0,
        bottom: 0,
        alignItems: "center",
      }}
    >
      {pictures.map((picture, index) => (
        <Box
          key={picture}
          sx={{
            width: { md: 150, lg: 190 },
            ml: index ? -3.5 : 0,
            borderRadius: 1.5,
            overflow: "hidden",
            border: "4px solid #f3fbf9",
            boxShadow: "0 16px 40px #00000066",
            transform: TILTS[index],
          }}
        >
          <Picture src={picture} title="" ratio="4 / 5" eager />
        </Box>
      ))}
    </Box>
  );
}

interface PicksProps {
  kind: Kind;
  sort: string;
  title: string;
  eager?: boolean;
}

function Picks({ kind, sort, title, eager = false }: PicksProps) {
  const { t } = useTexts();
  const { data, error, isPending, refetch } = useQuery(picksQuery(kind, sort));
  if (data?.data.length === 0) return null;
  return (
    <Box component="section" sx={{ mt: { xs: 5, md: 7 } }}>
      <Stack direction="row" sx={{ alignItems: "baseline", justifyContent: "space-between", mb: 2.5, gap: 2 }}>
        <Typography variant="h2">{title}</Typography>
        <Button
          component={RouterLink}
          to={`/${plural(kind)}`}
          endIcon={<ArrowRight size={18} />}
          aria-label={`${t("home.all")}: ${title}`}
          sx={{ flexShrink: 0 }}
        >
          {t("home.all")}
        </Button>
      </Stack>
      {error && <Failure fault={error} retry={() => void refetch()} />}
      {isPending && <CardsSkeleton />}
      <Grid container spacing={{ xs: 1.5, sm: 2.5 }}>
        {data?.data.map((item) => (
          <Grid size={cardColumns} key={item.id}>
            <ItemCard item={item} eager={eager} />
          </Grid>
        ))}
      </Grid>
    </Box>
  );
}

export function HomePage() {
  const { t } = useTexts();
  usePageTitle(undefined);
  return (
    <>
      <Hero />
      <Picks kind="course" sort="popular" title={t("home.courses")} eager />
      <Picks kind="product" sort="new" title={t("home.products")} />
    </>
  );
}
