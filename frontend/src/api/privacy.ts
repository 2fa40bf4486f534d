import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useProvedMutation } from "../proof/context";
import { ME } from "./account";
import { call, callFile, callOne } from "./client";
import type { Consent, ConsentAnswer, Export, Terms } from "./types";

const CONSENTS = ["account", "consents"] as const;
const EXPORTS = ["account", "exports"] as const;
const LOOK_EVERY_MS = 1500;

export const useTerms = () =>
  useQuery({
    queryKey: ["terms"],
    queryFn: async ({ signal }) => (await call<{ data: Terms[] }>("/auth/terms", { signal })).data,
    staleTime: 300_000,
  });

/** Every answer to a text, newest first. */
export const useConsents = () =>
  useQuery({
    queryKey: CONSENTS,
    queryFn: async ({ signal }) => (await call<{ data: Consent[] }>("/user/consents", { signal })).data,
  });

export function useAnswerTerms() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ConsentAnswer) =>
      call("/user/consents", { method: "POST", body, idempotencyKey: crypto.randomUUID() }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: CONSENTS }),
        queries.invalidateQueries({ queryKey: ["account", "profile"] }),
        queries.invalidateQueries({ queryKey: ME }),
      ]),
  });
}

export const isBeingMade = (copy: Export | null | undefined) =>
  copy?.status === "queued" || copy?.status === "running";

/** The copy of one's data, null without one; read again and again while it is being made. */
export const useExport = () =>
  useQuery({
    queryKey: EXPORTS,
    queryFn: async ({ signal }) => (await call<{ data: Export[] }>("/user/exports", { signal })).data[0] ?? null,
    refetchInterval: (query) => (isBeingMade(query.state.data) ? LOOK_EVERY_MS : false),
  });

export function useAskExport() {
  const queries = useQueryClient();
  return useProvedMutation(() => callOne<Export>("/user/exports", { method: "POST" }), {
    onSuccess: (copy) => queries.setQueryData(EXPORTS, copy),
    onError: () => queries.invalidateQueries({ queryKey: EXPORTS }),
  });
}

export const useFetchExport = () =>
  useProvedMutation((id: string) => callFile(`/user/exports/${encodeURIComponent(id)}/download`));

/** The account is closed at once; its data are erased soon after. */
export const useCloseAccount = () => useProvedMutation(() => call("/auth/account", { method: "DELETE", body: {} }));
