import { Alert, Box, Button, Card, Divider, Grid, Link, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, CircleCheck, CircleX, Clock, CreditCard, Radio } from "lucide-react";
import { useEffect, useState } from "react";
import { Link as RouterLink, useSearchParams } from "react-router";
import { useMe } from "../api/account";
import { ApiError } from "../api/client";
import { orderQuery, useCancelOrder, usePayAgain } from "../api/orders";
import type { Order } from "../api/types";
import { itemPath } from "../components/ItemCard";
import { NeedsLogin } from "../components/NeedsLogin";
import { Picture } from "../components/Picture";
import { usePageTitle } from "../components/Shell";
import { Failure, LinesSkeleton, useFaultText } from "../components/States";
import { StatusChip } from "../components/StatusChip";
import { useConnection } from "../live/socket";
import { useTexts } from "../texts";
import { NotFoundPage } from "./NotFound";

const WAITING = ["pending", "reserving"];
const PAID = ["paid", "fulfilled"];
const MINUTE_MS = 60_000;

function useMinutesLeft(until: string | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, []);
  return until ? Math.max(0, Math.ceil((Date.parse(until) - now) / MINUTE_MS)) : null;
}

function Waiting({ order, cameBack }: { order: Order; cameBack: string | null }) {
  const { t, counted } = useTexts();
  const faultText = useFaultText();
  const pay = usePayAgain();
  const cancel = useCancelOrder();
  const minutes = useMinutesLeft(order.expires_at);
  const goPay = () =>
    pay.mutate(order.id, { onSuccess: ({ checkout_url: url }) => url && window.location.assign(url) });
  const fault = pay.error ?? cancel.error;
  return (
    <Card sx={{ p: 3 }}>
      <Stack direction="row" sx={{ gap: 2, alignItems: "flex-start" }}>
        <Box sx={{ color: "warning.main", display: "flex" }}>
          <Clock size={32} strokeWidth={1.8} aria-hidden />
        </Box>
        <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <Typography variant="h3" component="h2">
            {cameBack === "success" ? t("order.confirming") : t("order.waiting")}
          </Typography>
          <Typography sx={{ color: "text.secondary", mt: 0.5 }}>
            {cameBack === "success"
              ? t("order.confirmingText")
              : minutes === null
                ? t("order.waitingText")
                : counted("order.heldFor", minutes)}
          </Typography>
        </Box>
      </Stack>
      {fault && (
        <Alert severity="error" sx={{ mt: 2 }}>
          {faultText(fault)}
        </Alert>
      )}
      {order.status === "pending" && cameBack !== "success" && (
        <Stack direction="row" sx={{ gap: 1.5, mt: 2.5, flexWrap: "wrap" }}>
          <Button
            variant="contained"
            size="large"
            loading={pay.isPending}
            loadingPosition="start"
            startIcon={<CreditCard size={19} />}
            onClick={goPay}
          >
            {t("order.pay")}
          </Button>
          <Button color="inherit" size="large" loading={cancel.isPending} onClick={() => cancel.mutate(order.id)}>
            {t("order.cancel")}
          </Button>
        </Stack>
      )}
    </Card>
  );
}

function Outcome({ order }: { order: Order }) {
  const { t, moment, named } = useTexts();
  const paid = PAID.includes(order.status);
  const Icon = paid ? CircleCheck : CircleX;
  return (
    <Card sx={{ p: 3 }}>
      <Stack direction="row" sx={{ gap: 2, alignItems: "flex-start" }}>
        <Box sx={{ color: paid ? "success.main" : "text.secondary", display: "flex" }}>
          <Icon size={32} strokeWidth={1.8} aria-hidden />
        </Box>
        <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <Typography variant="h3" component="h2">
            {paid ? t("order.thanks") : named("status", order.status, order.status)}
          </Typography>
          <Typography sx={{ color: "text.secondary", mt: 0.5 }}>
            {paid && order.paid_at
              ? t("order.paidText", { email: order.email, at: moment(order.paid_at) })
              : t("order.endedText")}
          </Typography>
        </Box>
      </Stack>
    </Card>
  );
}

function Receipt({ order }: { order: Order }) {
  const { t, money } = useTexts();
  const sums = [
    ["order.subtotal", order.subtotal],
    ["order.discount", order.discount],
    ["order.tax", order.tax],
  ] as const;
  return (
    <Card sx={{ p: 3 }}>
      <Typography variant="h3" component="h2" sx={{ mb: 2 }}>
        {t("order.lines")}
      </Typography>
      <Stack component="ul" divider={<Divider component="li" aria-hidden />} sx={{ gap: 1.5, p: 0, m: 0, listStyle: "none" }}>
        {order.items.map((line) => (
          <Stack component="li" direction="row" key={`${line.kind}:${line.ref_id}`} sx={{ justifyContent: "space-between", gap: 2 }}>
            <Box sx={{ width: 64, flexShrink: 0, alignSelf: "flex-start", borderRadius: 0.75, overflow: "hidden" }}>
              <Picture src={line.picture} title="" />
            </Box>
            <Box sx={{ minWidth: 0, flex: 1 }}>
              <Link
                component={RouterLink}
                to={itemPath(line)}
                color="inherit"
                sx={{ fontWeight: 600, overflowWrap: "anywhere" }}
              >
                {line.title}
              </Link>
              <Typography variant="body2" sx={{ color: "text.secondary" }}>
                {line.quantity} × {money(line.unit_price, order.currency)}
              </Typography>
            </Box>
            <Typography sx={{ whiteSpace: "nowrap" }}>{money(line.line_total, order.currency)}</Typography>
          </Stack>
        ))}
      </Stack>
      <Divider sx={{ my: 2 }} />
      {sums
        .filter(([key, amount]) => key === "order.subtotal" || Number(amount) !== 0)
        .map(([key, amount]) => (
          <Stack direction="row" key={key} sx={{ justifyContent: "space-between", mb: 0.75 }}>
            <Typography sx={{ color: "text.secondary" }}>{t(key)}</Typography>
            <Typography>{money(amount, order.currency)}</Typography>
          </Stack>
        ))}
      <Stack direction="row" sx={{ justifyContent: "space-between", mt: 1 }}>
        <Typography sx={{ fontWeight: 700 }}>{t("order.total")}</Typography>
        <Typography sx={{ fontWeight: 700, fontSize: "1.2rem" }}>{money(order.total, order.currency)}</Typography>
      </Stack>
    </Card>
  );
}

function Live() {
  const { t } = useTexts();
  if (useConnection() !== "up") return null;
  return (
    <Stack direction="row" sx={{ gap: 0.75, alignItems: "center", color: "success.main" }}>
      <Radio size={16} aria-hidden />
      <Typography variant="body2">{t("order.live")}</Typography>
    </Stack>
  );
}

/** `/order?id=…&status=…`: the provider sends people back here. `status` only chooses words; the API says what is true. */
export function OrderPage() {
  const { t, moment } = useTexts();
  const [parameters] = useSearchParams();
  const id = parameters.get("id") ?? "";
  const { data: me } = useMe();
  const { data: order, error, refetch } = useQuery({ ...orderQuery(id), enabled: Boolean(me && id) });
  usePageTitle(t("order.title"));

  if (me === null) return <NeedsLogin title={t("orders.login")} next={`/order?id=${id}`} />;
  if (!id || (error instanceof ApiError && error.status === 404)) return <NotFoundPage />;
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!order) return <LinesSkeleton count={2} />;
  return (
    <>
      <Link
        component={RouterLink}
        to="/orders"
        color="text.secondary"
        sx={{ display: "inline-flex", gap: 0.75, alignItems: "center", mb: 2 }}
      >
        <ArrowLeft size={17} aria-hidden />
        {t("nav.orders")}
      </Link>
      <Stack direction="row" sx={{ gap: 1.5, alignItems: "center", flexWrap: "wrap" }}>
        <Typography variant="h2" component="h1">
          {t("order.title")}
        </Typography>
        <Box role="status">
          <StatusChip status={order.status} size="medium" />
        </Box>
        <Box sx={{ ml: { sm: "auto" } }}>
          <Live />
        </Box>
      </Stack>
      <Typography variant="body2" sx={{ color: "text.secondary", mb: 3, mt: 0.5, overflowWrap: "anywhere" }}>
        {order.id} · {moment(order.created_at)}
      </Typography>
      <Grid container spacing={3}>
        <Grid size={{ xs: 12, md: 7 }}>
          {WAITING.includes(order.status) ? (
            <Waiting order={order} cameBack={parameters.get("status")} />
          ) : (
            <Outcome order={order} />
          )}
        </Grid>
        <Grid size={{ xs: 12, md: 5 }}>
          <Receipt order={order} />
        </Grid>
      </Grid>
    </>
  );
}
