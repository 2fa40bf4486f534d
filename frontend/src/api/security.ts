import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useProvedMutation } from "../proof/context";
import { call, callOne } from "./client";
import { makePasskey } from "./passkeys";
import type { AppSecret, Factors, Session } from "./types";

const FACTORS = ["account", "factors"] as const;
const SESSIONS = ["account", "sessions"] as const;

export const factorsQuery = queryOptions({
  queryKey: FACTORS,
  queryFn: ({ signal }) => callOne<Factors>("/auth/factors", { signal }),
});

/** What is set up to prove who one is. */
export const useFactors = () => useQuery(factorsQuery);

function useReadFactors() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: FACTORS });
}

interface PasswordChange {
  old?: string;
  new: string;
}

/** Other logins end with the old password. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useProvedMutation((body: PasswordChange) => call("/auth/password/change", { method: "POST", body }), {
    onSuccess: () => queries.invalidateQueries({ queryKey: ["account"] }),
  });
}

/** A secret for an authenticator app; nothing changes before one of its codes is confirmed. */
export const useEnrolApp = () => useProvedMutation(() => callOne<AppSecret>("/auth/totp", { method: "POST" }));

interface RecoveryCodes {
  recovery_codes: string[];
}

export const useConfirmApp = () => {
  const read = useReadFactors();
  return useProvedMutation(
    (code: string) => callOne<RecoveryCodes>("/auth/totp/confirm", { method: "POST", body: { code } }),
    { onSuccess: read },
  );
};

export const useRemoveApp = () => {
  const read = useReadFactors();
  return useProvedMutation(() => call("/auth/totp", { method: "DELETE" }), { onSuccess: read });
};

export const useRenewRecoveryCodes = () => {
  const read = useReadFactors();
  return useProvedMutation(() => callOne<RecoveryCodes>("/auth/recovery-codes", { method: "POST" }), {
    onSuccess: read,
  });
};

export const useAddPasskey = () => {
  const read = useReadFactors();
  return useProvedMutation(
    async (name: string) => {
      const credential = await makePasskey("/auth/passkeys/options");
      return call("/auth/passkeys", { method: "POST", body: { name, credential } });
    },
    { onSuccess: read },
  );
};

export const useRenamePasskey = () => {
  const read = useReadFactors();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      call(`/auth/passkeys/${id}`, { method: "PATCH", body: { name } }),
    onSuccess: read,
  });
};

export const useRemovePasskey = () => {
  const read = useReadFactors();
  return useProvedMutation((id: string) => call(`/auth/passkeys/${id}`, { method: "DELETE" }), { onSuccess: read });
};

/** Off to the provider; the login there is linked when the browser comes back. */
export const useLinkProvider = () =>
  useProvedMutation(
    (provider: string) =>
      callOne<{ authorization_url: string }>(`/auth/social/${provider}/link`, {
        method: "POST",
        body: { next: "/account/security" },
      }),
    { onSuccess: ({ authorization_url: address }) => window.location.assign(address) },
  );

export const useUnlink = () => {
  const read = useReadFactors();
  return useProvedMutation((id: string) => call(`/auth/social/links/${id}`, { method: "DELETE" }), {
    onSuccess: read,
  });
};

export const useSessions = () =>
  useQuery({
    queryKey: SESSIONS,
    queryFn: async ({ signal }) => (await call<{ data: Session[] }>("/auth/sessions", { signal })).data,
  });

/** Ends one login; `others`: all but this one. */
export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      call(id === "others" ? "/auth/sessions" : `/auth/sessions/${id}`, { method: "DELETE" }),
    onSettled: () => queries.invalidateQueries({ queryKey: SESSIONS }),
  });
}
