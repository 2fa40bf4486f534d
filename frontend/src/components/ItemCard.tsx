import { Box, Card, Link, Stack, Typography } from "@mui/material";
import { Link as RouterLink } from "react-router";
import type { Item } from "../api/types";
import { useTexts } from "../texts";
import { Availability } from "./Availability";
import { Picture } from "./Picture";

export const itemPath = (item: { kind: string; slug: string }) => `/${item.kind}/${item.slug}`;

export function Price({ item, large = false }: { item: Item; large?: boolean }) {
  const { money, t } = useTexts();
  return (
    <Stack direction="row" sx={{ alignItems: "baseline", gap: 1, flexWrap: "wrap" }}>
      <Typography component="span" sx={{ fontWeight: 700, fontSize: large ? "1.9rem" : "1.05rem" }}>
        {money(item.price, item.currency)}
      </Typography>
      {item.compare_at && (
        <Typography component="s" sx={{ color: "text.secondary", fontSize: large ? "1.1rem" : "0.85rem" }}>
          <Box component="span" sx={visuallyHidden}>
            {t("item.before")}{" "}
          </Box>
          {money(item.compare_at, item.currency)}
        </Typography>
      )}
    </Stack>
  );
}

export const visuallyHidden = {
  position: "absolute",
  width: 1,
  height: 1,
  overflow: "hidden",
  clip: "rect(0 0 0 0)",
  whiteSpace: "nowrap",
} as const;

/** One thing for sale; the whole card is one link. */
export function ItemCard({ item, eager = false }: { item: Item; eager?: boolean }) {
  return (
    <Card
      component="article"
      sx={{
        position: "relative",
        height: "100%",
        display: "flex",
        flexDirection: "column",
        transition: "border-color .15s, transform .15s, box-shadow .15s",
        "&:hover": { borderColor: "primary.main", transform: "translateY(-2px)", boxShadow: 3 },
        "&:focus-within": { outline: "2px solid", outlineColor: "primary.main", outlineOffset: 2 },
        "@media (prefers-reduced-motion: reduce)": { transition: "none", "&:hover": { transform: "none" } },
      }}
    >
      <Picture src={item.picture} title="" eager={eager} />
      <Stack sx={{ p: { xs: 1.5, sm: 2 }, gap: 0.75, flex: 1 }}>
        <Typography variant="caption" noWrap sx={{ color: "text.secondary" }}>
          {item.seller.name}
        </Typography>
        <Link
          component={RouterLink}
          to={itemPath(item)}
          color="inherit"
          underline="none"
          sx={{
            fontWeight: 600,
            lineHeight: 1.3,
            display: "-webkit-box",
            WebkitLineClamp: 2,
            WebkitBoxOrient: "vertical",
            overflow: "hidden",
            "&:focus-visible": { outline: "none" },
            "&::after": { content: '""', position: "absolute", inset: 0 },
          }}
        >
          {item.title}
        </Link>
        <Stack direction="row" sx={{ mt: "auto", pt: 0.5, gap: 1, flexWrap: "wrap", alignItems: "center" }}>
          <Price item={item} />
          <Availability kind={item.kind} left={item.available} quiet />
        </Stack>
      </Stack>
    </Card>
  );
}
