import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { callOne } from "./client";
import type { Cart, NewLine } from "./types";

const CART = ["cart"] as const;

export function useCart() {
  return useQuery({ queryKey: CART, queryFn: ({ signal }) => callOne<Cart>("/cart", { signal }) });
}

function useCartChange<Values>(change: (values: Values) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => queries.invalidateQueries({ queryKey: CART }) });
}

export const useAddToCart = () =>
  useCartChange((body: NewLine) => callOne<Cart>("/cart/items", { method: "POST", body }));

export const useSetQuantity = () =>
  useCartChange(({ id, quantity }: { id: string; quantity: number }) =>
    callOne<Cart>(`/cart/items/${encodeURIComponent(id)}`, { method: "PUT", body: { quantity } }),
  );
