import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call, callOne, queryText } from "./client";
import type { Found, Item, ItemPage, Kind } from "./types";

export interface CatalogQuestion {
  q?: string;
  category?: string[];
  seller?: string[];
  level?: string[];
  brand?: string[];
  in_stock?: string;
  min_price?: string;
  max_price?: string;
  sort?: string;
}

export const plural = (kind: Kind) => (kind === "course" ? "courses" : "products");

export const catalogQuery = (kind: Kind, question: CatalogQuestion) =>
  infiniteQueryOptions({
    queryKey: ["catalog", kind, question],
    queryFn: ({ pageParam, signal }) =>
      call<ItemPage>(`/${plural(kind)}${queryText({ ...question, size: 24, after: pageParam })}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.page.next,
    placeholderData: (before) => before,
    staleTime: 15_000,
  });

export const picksQuery = (kind: Kind, sort: string) =>
  queryOptions({
    queryKey: ["picks", kind, sort],
    queryFn: ({ signal }) => call<ItemPage>(`/${plural(kind)}${queryText({ sort, size: 8, facets: false })}`, { signal }),
    staleTime: 60_000,
  });

export const itemQuery = (kind: Kind, slug: string) =>
  queryOptions({
    queryKey: ["item", kind, slug],
    queryFn: ({ signal }) => callOne<Item>(`/${plural(kind)}/${encodeURIComponent(slug)}`, { signal }),
    staleTime: 15_000,
  });

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => callOne<Found>(`/search${queryText({ q, kinds: "course,product" })}`, { signal }),
    staleTime: 15_000,
    placeholderData: (before) => before,
  });
