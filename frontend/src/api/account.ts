import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, call, callOne, forgetCsrfToken } from "./client";
import { askPasskey } from "./passkeys";
import type { LoginProvider, User } from "./types";

export const ME = ["me"] as const;

async function readMe(): Promise<User | null> {
  try {
    return await callOne<User>("/auth/me");
  } catch (fault) {
    if (fault instanceof ApiError && fault.status === 401) return null;
    throw fault;
  }
}

/** Who is signed in; null for a visitor. */
export function useMe() {
  return useQuery({ queryKey: ME, queryFn: readMe, staleTime: 60_000 });
}

/** The session changed hands: forget everything that was read for the one before. */
function useSessionChanged() {
  const queries = useQueryClient();
  return async (user: User | null) => {
    forgetCsrfToken();
    queries.removeQueries({ queryKey: ["account"] });
    queries.setQueryData(ME, user);
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["cart"] }),
      queries.invalidateQueries({ queryKey: ["orders"] }),
    ]);
  };
}

/** Logins may have ended at the server, this browser's too, as they do with a new password or role. */
export function useLookAgain() {
  const changed = useSessionChanged();
  return async () => {
    forgetCsrfToken();
    await changed(await readMe());
  };
}

export interface Credentials {
  email: string;
  password: string;
}

export interface NewAccount extends Credentials {
  first_name: string;
  last_name: string;
  locale: string;
}

export const fullName = (user: User) => `${user.first_name} ${user.last_name}`.trim();

/** A way in: what it does leaves this browser logged in, or throws. */
function useWayIn<Values = void>(enter: (values: Values) => Promise<unknown>) {
  const changed = useSessionChanged();
  return useMutation({
    mutationFn: async (values: Values) => {
      await enter(values);
      forgetCsrfToken();
      return readMe();
    },
    onSuccess: changed,
  });
}

export const useLogin = () => useWayIn((body: Credentials) => call("/auth/login", { method: "POST", body }));

export const useSignUp = () => useWayIn((body: NewAccount) => call("/auth/register", { method: "POST", body }));

/** By any passkey of this site that the device has. */
export const usePasskeyLogin = () =>
  useWayIn(async () => {
    const credential = await askPasskey("/auth/login/passkey/options", {});
    await call("/auth/login/passkey", { method: "POST", body: { credential } });
  });

export interface Received {
  identifier: string;
  code: string;
}

/** The proof that somebody reads what is sent to this address or number. */
export const verifyCode = async (body: Received): Promise<string> =>
  (await callOne<{ verification_token: string }>("/auth/verify-otp", { method: "POST", body })).verification_token;

export const sendCode = (identifier: string) =>
  call("/auth/get-otp", { method: "POST", body: { identifier, purpose: "login" } });

export const useSendCode = () => useMutation({ mutationFn: sendCode });

export const useCodeLogin = () =>
  useWayIn(async (received: Received) =>
    call("/auth/login", { method: "POST", body: { verification_token: await verifyCode(received) } }),
  );

export type Method = "totp" | "recovery" | "passkey";

/** A login that waits for its second step. */
export interface Ticket {
  ticket: string;
  methods: Method[];
}

/** The ticket in a refusal that asks for a second factor; null for any other. */
export function ticketOf(fault: unknown): Ticket | null {
  if (!(fault instanceof ApiError) || fault.code !== "second_factor_required") return null;
  return { ticket: String(fault.details.ticket), methods: fault.details.methods as Method[] };
}

export const useSecondStep = (ticket: string) =>
  useWayIn(async ({ method, code }: { method: Method; code?: string }) => {
    const path = "/auth/login/second-factor";
    const passkey = method === "passkey" ? await askPasskey(`${path}/passkey-options`, { ticket }) : undefined;
    await call(path, { method: "POST", body: { ticket, method, code, passkey } });
  });

/** The places elsewhere that one can log in at. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: async ({ signal }) => (await call<{ data: LoginProvider[] }>("/auth/social", { signal })).data,
  staleTime: Infinity,
});

export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call("/auth/logout", { method: "POST" }),
    onSettled: () => {
      forgetCsrfToken();
      sessionStorage.clear();
      queries.clear();
    },
  });
}
