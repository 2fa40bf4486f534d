import { Alert, Box, Button, Card, Divider, Grid, IconButton, Link, Stack, Tooltip, Typography } from "@mui/material";
import { ShoppingCart, Trash2 } from "lucide-react";
import { Link as RouterLink } from "react-router";
import { useCart, useSetQuantity } from "../api/cart";
import type { Cart, CartLine } from "../api/types";
import { itemPath } from "../components/ItemCard";
import { Picture } from "../components/Picture";
import { QuantityField } from "../components/QuantityField";
import { usePageTitle } from "../components/Shell";
import { Empty, Failure, LinesSkeleton, useFaultText } from "../components/States";
import { useTexts } from "../texts";

const MOST = 99;

function Line({ line, currency }: { line: CartLine; currency: string }) {
  const { t, money, counted } = useTexts();
  const faultText = useFaultText();
  const change = useSetQuantity();
  const set = (quantity: number) => change.mutate({ id: line.id, quantity });
  const short = line.stock !== null && line.stock < line.quantity;
  const gone = !line.available && !short;
  return (
    <Box component="li" sx={{ py: 2, display: "flex", gap: 2, alignItems: "flex-start" }}>
      <Box sx={{ width: { xs: 84, sm: 120 }, flexShrink: 0, borderRadius: 1, overflow: "hidden" }}>
        <Picture src={line.picture} title="" />
      </Box>
      <Stack sx={{ flex: 1, minWidth: 0, gap: 1 }}>
        <Stack direction="row" sx={{ justifyContent: "space-between", gap: 2 }}>
          {line.slug ? (
            <Link
              component={RouterLink}
              to={itemPath({ kind: line.kind, slug: line.slug })}
              color="inherit"
              sx={{ fontWeight: 600, overflowWrap: "anywhere" }}
            >
              {line.title}
            </Link>
          ) : (
            <Typography sx={{ fontWeight: 600 }}>{t("cart.nameless")}</Typography>
          )}
          <Typography sx={{ fontWeight: 700, whiteSpace: "nowrap" }}>{money(line.line_total, currency)}</Typography>
        </Stack>
        {line.quantity > 1 && (
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {t("cart.each", { price: money(line.unit_price, currency) })}
          </Typography>
        )}
        {gone && <Alert severity="warning">{t("cart.gone")}</Alert>}
        {short && <Alert severity="warning">{counted("cart.short", line.stock ?? 0)}</Alert>}
        {line.price_changed && <Alert severity="info">{t("cart.priceChanged")}</Alert>}
        {change.error && <Alert severity="error">{faultText(change.error)}</Alert>}
        <Stack direction="row" sx={{ gap: 1, alignItems: "center" }}>
          {line.kind === "product" && !gone && (
            <QuantityField
              value={line.quantity}
              most={Math.min(MOST, line.stock ?? MOST)}
              disabled={change.isPending}
              onChange={set}
            />
          )}
          <Tooltip title={t("cart.remove")}>
            <IconButton
              aria-label={`${t("cart.remove")}: ${line.title}`}
              disabled={change.isPending}
              onClick={() => set(0)}
              sx={{ ml: line.kind === "course" ? -1 : 0 }}
            >
              <Trash2 size={19} />
            </IconButton>
          </Tooltip>
        </Stack>
      </Stack>
    </Box>
  );
}

function Sum({ cart }: { cart: Cart }) {
  const { t, money, counted } = useTexts();
  const blocked = cart.items.some((line) => !line.available);
  return (
    <Card sx={{ p: 3, position: { md: "sticky" }, top: 96 }}>
      <Typography variant="h3" component="h2">
        {t("cart.sum")}
      </Typography>
      <Stack direction="row" sx={{ justifyContent: "space-between", mt: 2 }}>
        <Typography sx={{ color: "text.secondary" }}>{counted("cart.things", cart.count)}</Typography>
        <Typography>{money(cart.subtotal, cart.currency)}</Typography>
      </Stack>
      <Divider sx={{ my: 2 }} />
      <Stack direction="row" sx={{ justifyContent: "space-between", mb: 2.5 }}>
        <Typography sx={{ fontWeight: 700 }}>{t("order.total")}</Typography>
        <Typography sx={{ fontWeight: 700, fontSize: "1.25rem" }}>{money(cart.subtotal, cart.currency)}</Typography>
      </Stack>
      <Button component={RouterLink} to="/checkout" variant="contained" size="large" fullWidth disabled={blocked}>
        {t("cart.checkout")}
      </Button>
      <Typography variant="body2" sx={{ color: "text.secondary", mt: 1.5 }}>
        {blocked ? t("cart.blocked") : t("cart.hold")}
      </Typography>
    </Card>
  );
}

export function CartPage() {
  const { t } = useTexts();
  usePageTitle(t("cart.title"));
  const { data: cart, error, isPending, refetch } = useCart();
  if (cart?.items.length === 0) {
    return (
      <Empty
        icon={ShoppingCart}
        title={t("cart.empty")}
        text={t("cart.emptyText")}
        action={
          <Button component={RouterLink} to="/" variant="contained">
            {t("cart.look")}
          </Button>
        }
      />
    );
  }
  return (
    <>
      <Typography variant="h2" component="h1" sx={{ mb: 1 }}>
        {t("cart.title")}
      </Typography>
      {error && <Failure fault={error} retry={() => void refetch()} />}
      {isPending && <LinesSkeleton />}
      {cart && (
        <Grid container spacing={{ xs: 3, md: 5 }}>
          <Grid size={{ xs: 12, md: 8 }}>
            <Stack component="ul" divider={<Divider component="li" aria-hidden />} sx={{ p: 0, m: 0, listStyle: "none" }}>
              {cart.items.map((line) => (
                <Line key={line.id} line={line} currency={cart.currency} />
              ))}
            </Stack>
          </Grid>
          <Grid size={{ xs: 12, md: 4 }}>
            <Sum cart={cart} />
          </Grid>
        </Grid>
      )}
    </>
  );
}
