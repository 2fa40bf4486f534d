import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, callOne, call, forgetCsrfToken } from "./client";
import type { User } from "./types";

const ME = ["me"] as const;

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
    queries.setQueryData(ME, user);
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["cart"] }),
      queries.invalidateQueries({ queryKey: ["orders"] }),
    ]);
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

export function useLogin() {
  const changed = useSessionChanged();
  return useMutation({
    mutationFn: async (body: Credentials) => {
      await call("/auth/login", { method: "POST", body });
      forgetCsrfToken();
      return readMe();
    },
    onSuccess: changed,
  });
}

export function useSignUp() {
  const changed = useSessionChanged();
  return useMutation({
    mutationFn: async (body: NewAccount) => {
      await call("/auth/register", { method: "POST", body });
      forgetCsrfToken();
      return readMe();
    },
    onSuccess: changed,
  });
}

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
