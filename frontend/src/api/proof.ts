import { useMutation } from "@tanstack/react-query";
import { verifyCode, type Received } from "./account";
import { call, callOne } from "./client";
import { askPasskey } from "./passkeys";

interface Proof {
  password?: string;
  code?: string;
  /** A code that was sent to the account's own address. */
  received?: Received;
  passkey?: true;
}

/** The login counts as proved for some minutes. */
export const useProve = () =>
  useMutation({
    mutationFn: async ({ password, code, received, passkey }: Proof) =>
      call("/auth/prove", {
        method: "POST",
        body: {
          password,
          code,
          passkey: passkey && (await askPasskey("/auth/prove/passkey-options")),
          verification_token: received && (await verifyCode(received)),
        },
      }),
  });

/** Where the browser goes to prove it by logging in elsewhere anew; it comes back to `next`. */
export const useProveElsewhere = () =>
  useMutation({
    mutationFn: ({ provider, next }: { provider: string; next: string }) =>
      callOne<{ authorization_url: string }>(`/auth/social/${provider}/prove`, { method: "POST", body: { next } }),
    onSuccess: ({ authorization_url: address }) => window.location.assign(address),
  });
