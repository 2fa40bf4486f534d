import { Alert, Box, Breadcrumbs, Button, ButtonBase, Grid, Link, Skeleton, Snackbar, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { BookOpen, ShoppingCart, Store } from "lucide-react";
import { useState } from "react";
import { Link as RouterLink, useParams } from "react-router";
import { useAddToCart } from "../api/cart";
import { itemQuery, plural } from "../api/catalog";
import { ApiError } from "../api/client";
import type { Item, Kind } from "../api/types";
import { Availability } from "../components/Availability";
import { Price } from "../components/ItemCard";
import { Picture } from "../components/Picture";
import { QuantityField } from "../components/QuantityField";
import { usePageTitle } from "../components/Shell";
import { Failure, useFaultText } from "../components/States";
import { useTexts } from "../texts";
import { NotFoundPage } from "./NotFound";

const MOST = 99;

function Gallery({ item }: { item: Item }) {
  const { t } = useTexts();
  const pictures = item.pictures.length ? item.pictures : [item.picture];
  const [shown, setShown] = useState(0);
  return (
    <Box>
      <Box sx={{ borderRadius: 2, overflow: "hidden", border: 1, borderColor: "divider" }}>
        <Picture key={shown} src={pictures[shown] ?? null} title={item.title} eager />
      </Box>
      {pictures.length > 1 && (
        <Stack direction="row" sx={{ gap: 1, mt: 1.5, flexWrap: "wrap" }}>
          {pictures.map((picture, index) => (
            <ButtonBase
              key={picture}
              aria-label={t("item.picture", { number: index + 1 })}
              aria-pressed={index === shown}
              onClick={() => setShown(index)}
              sx={{
                width: 76,
                borderRadius: 1,
                overflow: "hidden",
                border: 2,
                borderColor: index === shown ? "primary.main" : "divider",
              }}
            >
              <Picture src={picture} title="" />
            </ButtonBase>
          ))}
        </Stack>
      )}
    </Box>
  );
}

function Buy({ item }: { item: Item }) {
  const { t } = useTexts();
  const faultText = useFaultText();
  const add = useAddToCart();
  const [quantity, setQuantity] = useState(1);
  const [said, setSaid] = useState(false);
  const soldOut = item.available === 0;
  const most = Math.min(MOST, item.available ?? MOST);
  const put = () =>
    add.mutate({ kind: item.kind, ref_id: item.id, quantity }, { onSuccess: () => setSaid(true) });
  return (
    <Stack sx={{ gap: 2 }}>
      <Stack direction="row" sx={{ gap: 1.5, alignItems: "stretch", flexWrap: "wrap" }}>
        {item.kind === "product" && !soldOut && <QuantityField value={quantity} most={most} onChange={setQuantity} />}
        <Button
          variant="contained"
          size="large"
          disabled={soldOut}
          loading={add.isPending}
          loadingPosition="start"
          startIcon={<ShoppingCart size={20} />}
          onClick={put}
          sx={{ flex: 1, minWidth: 200 }}
        >
          {soldOut ? t("item.soldOut") : t("item.add")}
        </Button>
      </Stack>
      {add.error && <Alert severity="error">{faultText(add.error)}</Alert>}
      <Snackbar
        open={said}
        autoHideDuration={6000}
        onClose={(_, reason) => reason !== "clickaway" && setSaid(false)}
        anchorOrigin={{ vertical: "bottom", horizontal: "center" }}
      >
        <Alert
          severity="success"
          variant="filled"
          action={
            <Button component={RouterLink} to="/cart" color="inherit" size="small">
              {t("item.toCart")}
            </Button>
          }
        >
          {t("item.added")}
        </Alert>
      </Snackbar>
    </Stack>
  );
}

function Facts({ item }: { item: Item }) {
  const { t, named } = useTexts();
  const facts = [
    ...(item.brand ? [[t("filter.brand"), item.brand] as const] : []),
    ...(item.level ? [[t("filter.level"), named("level", item.level, item.level)] as const] : []),
    ...Object.entries(item.attributes),
  ];
  if (!facts.length) return null;
  return (
    <Box component="dl" sx={{ m: 0, display: "grid", gridTemplateColumns: "auto 1fr", columnGap: 3, rowGap: 1 }}>
      {facts.map(([name, value]) => (
        <Box key={name} sx={{ display: "contents" }}>
          <Typography
            component="dt"
            variant="body2"
            sx={{ color: "text.secondary", "&::first-letter": { textTransform: "uppercase" } }}
          >
            {name}
          </Typography>
          <Typography component="dd" variant="body2" sx={{ m: 0, fontWeight: 600 }}>
            {value}
          </Typography>
        </Box>
      ))}
    </Box>
  );
}

function Details({ item }: { item: Item }) {
  const { t } = useTexts();
  const SellerIcon = item.kind === "course" ? BookOpen : Store;
  return (
    <Grid container spacing={{ xs: 3, md: 6 }}>
      <Grid size={{ xs: 12, md: 7 }}>
        <Gallery key={item.id} item={item} />
      </Grid>
      <Grid size={{ xs: 12, md: 5 }}>
        <Stack sx={{ gap: 2.25, position: { md: "sticky" }, top: 96 }}>
          <Link
            component={RouterLink}
            to={`/${plural(item.kind)}?seller=${encodeURIComponent(item.seller.id)}`}
            color="text.secondary"
            sx={{ display: "inline-flex", gap: 1, alignItems: "center", alignSelf: "start" }}
          >
            <SellerIcon size={18} aria-hidden />
            {item.seller.name}
          </Link>
          <Typography variant="h1" sx={{ fontSize: "clamp(1.6rem, 1.3rem + 1.4vw, 2.3rem)", overflowWrap: "anywhere" }}>
            {item.title}
          </Typography>
          <Stack direction="row" sx={{ gap: 2, alignItems: "center", flexWrap: "wrap" }}>
            <Price item={item} large />
            <Availability kind={item.kind} left={item.available} />
          </Stack>
          <Buy item={item} />
          <Facts item={item} />
        </Stack>
      </Grid>
      <Grid size={{ xs: 12, md: 7 }}>
        <Typography variant="h2" sx={{ mb: 1.5 }}>
          {t("item.about")}
        </Typography>
        <Typography sx={{ whiteSpace: "pre-line", lineHeight: 1.7, overflowWrap: "anywhere" }}>{item.description}</Typography>
      </Grid>
    </Grid>
  );
}

function ItemSkeleton() {
  return (
    <Grid container spacing={{ xs: 3, md: 6 }} aria-busy>
      <Grid size={{ xs: 12, md: 7 }}>
        <Skeleton variant="rounded" sx={{ aspectRatio: "4 / 3", height: "auto", borderRadius: 2 }} />
      </Grid>
      <Grid size={{ xs: 12, md: 5 }}>
        <Skeleton width="40%" />
        <Skeleton width="90%" height={56} />
        <Skeleton width="35%" height={48} />
        <Skeleton variant="rounded" height={48} sx={{ mt: 2 }} />
      </Grid>
    </Grid>
  );
}

export function ItemPage({ kind }: { kind: Kind }) {
  const { t } = useTexts();
  const { slug = "" } = useParams();
  const { data: item, error, refetch } = useQuery(itemQuery(kind, slug));
  usePageTitle(item?.title);
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <>
      <Breadcrumbs sx={{ mb: 2, fontSize: "0.9rem" }} aria-label={t("nav.trail")}>
        <Link component={RouterLink} to="/" color="text.secondary">
          {t("nav.home")}
        </Link>
        <Link component={RouterLink} to={`/${plural(kind)}`} color="text.secondary">
          {t(kind === "course" ? "nav.courses" : "nav.products")}
        </Link>
      </Breadcrumbs>
      {error && <Failure fault={error} retry={() => void refetch()} />}
      {item ? <Details item={item} /> : !error && <ItemSkeleton />}
    </>
  );
}
