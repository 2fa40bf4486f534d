import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, callOne, queryText } from "./client";
import type { NewOrder, Order, OrderSummaries, PaymentMethods } from "./types";

export const ordersQuery = infiniteQueryOptions({
  queryKey: ["orders", "list"],
  queryFn: ({ pageParam, signal }) => call<OrderSummaries>(`/orders${queryText({ size: 20, after: pageParam })}`, { signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.page.next,
});

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ["orders", "one", id],
    queryFn: ({ signal }) => callOne<Order>(`/orders/${encodeURIComponent(id)}`, { signal }),
  });

export const methodsQuery = queryOptions({
  queryKey: ["payment", "methods"],
  queryFn: async ({ signal }) => (await call<PaymentMethods>("/payment/methods", { signal })).data,
  staleTime: 300_000,
});

export function usePlaceOrder() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: NewOrder; key: string }) =>
      callOne<Order>("/orders", { method: "POST", body, idempotencyKey: key }),
    onSettled: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ["cart"] }), queries.invalidateQueries({ queryKey: ["orders"] })]),
  });
}

function useOrderAction(action: "cancel" | "checkout") {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callOne<Order>(`/orders/${encodeURIComponent(id)}/${action}`, { method: "POST" }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["orders"] }),
  });
}

export const useCancelOrder = () => useOrderAction("cancel");
export const usePayAgain = () => useOrderAction("checkout");
