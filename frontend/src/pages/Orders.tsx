import { Box, Button, Card, CardActionArea, Stack, Typography } from "@mui/material";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Package } from "lucide-react";
import { Link as RouterLink } from "react-router";
import { useMe } from "../api/account";
import { ApiError } from "../api/client";
import { ordersQuery } from "../api/orders";
import type { OrderSummary } from "../api/types";
import { NeedsLogin } from "../components/NeedsLogin";
import { Picture } from "../components/Picture";
import { usePageTitle } from "../components/Shell";
import { Empty, Failure, LinesSkeleton } from "../components/States";
import { StatusChip } from "../components/StatusChip";
import { useTexts } from "../texts";

function OrderRow({ order }: { order: OrderSummary }) {
  const { money, day, counted } = useTexts();
  const things = order.items.reduce((sum, line) => sum + line.quantity, 0);
  return (
    <Card component="li">
      <CardActionArea component={RouterLink} to={`/order?id=${order.id}`} sx={{ p: { xs: 2, sm: 2.5 } }}>
        <Stack direction="row" sx={{ gap: 2, justifyContent: "space-between", alignItems: "flex-start" }}>
          <Box sx={{ width: 72, flexShrink: 0, borderRadius: 0.75, overflow: "hidden" }}>
            <Picture src={order.items[0]?.picture ?? null} title="" />
          </Box>
          <Box sx={{ minWidth: 0, flex: 1 }}>
            <Typography noWrap sx={{ fontWeight: 600 }}>
              {order.items.map((line) => line.title).join(", ")}
            </Typography>
            <Typography variant="body2" sx={{ color: "text.secondary", mt: 0.5 }}>
              {day(order.created_at)} · {counted("cart.things", things)}
            </Typography>
          </Box>
          <Stack sx={{ alignItems: "flex-end", gap: 0.75, flexShrink: 0 }}>
            <Typography sx={{ fontWeight: 700 }}>{money(order.total, order.currency)}</Typography>
            <StatusChip status={order.status} />
          </Stack>
        </Stack>
      </CardActionArea>
    </Card>
  );
}

export function OrdersPage() {
  const { t } = useTexts();
  usePageTitle(t("nav.orders"));
  const { data: me } = useMe();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    ...ordersQuery,
    enabled: Boolean(me),
  });
  if (me === null || (error instanceof ApiError && error.status === 401)) {
    return <NeedsLogin title={t("orders.login")} next="/orders" />;
  }
  const orders = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <Typography variant="h2" component="h1" sx={{ mb: 3 }}>
        {t("nav.orders")}
      </Typography>
      {error && <Failure fault={error} retry={() => void refetch()} />}
      {isPending && !error && <LinesSkeleton />}
      {data && orders.length === 0 && (
        <Empty
          icon={Package}
          title={t("orders.empty")}
          text={t("orders.emptyText")}
          action={
            <Button component={RouterLink} to="/" variant="contained">
              {t("cart.look")}
            </Button>
          }
        />
      )}
      <Stack component="ul" sx={{ gap: 1.5, p: 0, m: 0, listStyle: "none" }}>
        {orders.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </Stack>
      {hasNextPage && (
        <Stack sx={{ alignItems: "center", mt: 3 }}>
          <Button variant="outlined" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("catalog.more")}
          </Button>
        </Stack>
      )}
    </>
  );
}
