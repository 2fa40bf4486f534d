/** What the links in mails do. Each is pressed by a person: programs that look at links must not use them up. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ME, useLookAgain } from "./account";
import { call } from "./client";

/** The address that the link was mailed to is confirmed. */
export function useConfirmEmail() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => call("/auth/confirm-email", { method: "POST", body: { token } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ME }),
  });
}

export const useResendConfirmation = () =>
  useMutation({ mutationFn: () => call("/auth/confirm-email/resend", { method: "POST" }) });

export const useAskReset = () =>
  useMutation({
    mutationFn: (email: string) => call("/auth/password/reset", { method: "POST", body: { email } }),
  });

interface NewPassword {
  token: string;
  password: string;
}

/** Every login of the account ends, one in this browser too. */
export function useResetPassword() {
  const lookAgain = useLookAgain();
  return useMutation({
    mutationFn: ({ token, password }: NewPassword) =>
      call("/auth/password/reset/confirm", { method: "POST", body: { token, new: password } }),
    onSuccess: lookAgain,
  });
}

export const useActivate = () =>
  useMutation({ mutationFn: (body: NewPassword) => call("/auth/activate", { method: "POST", body }) });

/** The new address of the account is the one that the link was mailed to. */
export function useConfirmNewEmail() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => call("/user/email/confirm", { method: "POST", body: { token } }),
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ME }), queries.invalidateQueries({ queryKey: ["account"] })]),
  });
}

/** Address or number are as before, and every login of the account ends. */
export function useUndoChange() {
  const lookAgain = useLookAgain();
  return useMutation({
    mutationFn: (token: string) => call("/user/contacts/undo", { method: "POST", body: { token } }),
    onSuccess: lookAgain,
  });
}

/** Every login of the account ends, so that the next one has the role. */
export function useAcceptRole() {
  const lookAgain = useLookAgain();
  return useMutation({
    mutationFn: (token: string) => call("/auth/role-invitations/accept", { method: "POST", body: { token } }),
    onSuccess: lookAgain,
  });
}
