import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useProvedMutation } from "../proof/context";
import { ME } from "./account";
import { call, callOne } from "./client";
import type { Address, NewAddress, Pictures, Profile, ProfileChanges } from "./types";

const PROFILE = ["account", "profile"] as const;
const ADDRESSES = ["account", "addresses"] as const;

export const useProfile = () =>
  useQuery({ queryKey: PROFILE, queryFn: ({ signal }) => callOne<Profile>("/user/profile", { signal }) });

function useReadProfile() {
  const queries = useQueryClient();
  return () =>
    Promise.all([queries.invalidateQueries({ queryKey: PROFILE }), queries.invalidateQueries({ queryKey: ME })]);
}

/** Only what is given changes. Removing the phone needs a proof. */
export function useChangeProfile() {
  const queries = useQueryClient();
  return useProvedMutation(
    (body: ProfileChanges) => callOne<Profile>("/user/profile", { method: "PATCH", body }),
    {
      onSuccess: (profile) => {
        queries.setQueryData(PROFILE, profile);
        return queries.invalidateQueries({ queryKey: ME });
      },
    },
  );
}

/** null takes the picture away. */
export function useChangePicture() {
  const read = useReadProfile();
  return useMutation({
    mutationFn: async (file: File | null) => {
      if (!file) return call("/user/picture", { method: "DELETE" });
      const form = new FormData();
      form.set("file", file);
      return callOne<Pictures>("/user/picture", { method: "PUT", form });
    },
    onSuccess: read,
  });
}

export function useAskEmail() {
  const read = useReadProfile();
  return useProvedMutation((email: string) => call("/user/email", { method: "POST", body: { email } }), {
    onSuccess: read,
  });
}

export function useAskPhone() {
  const read = useReadProfile();
  return useProvedMutation((phone: string) => call("/user/phone", { method: "POST", body: { phone } }), {
    onSuccess: read,
  });
}

export function useConfirmPhone() {
  const read = useReadProfile();
  return useMutation({
    mutationFn: (code: string) => call("/user/phone/confirm", { method: "POST", body: { code } }),
    onSuccess: read,
  });
}

export const useAddresses = () =>
  useQuery({
    queryKey: ADDRESSES,
    queryFn: async ({ signal }) => (await call<{ data: Address[] }>("/user/addresses", { signal })).data,
  });

function useAddressChange<Values>(change: (values: Values) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ADDRESSES }),
        queries.invalidateQueries({ queryKey: PROFILE }),
      ]),
  });
}

type SavedAddress = Partial<NewAddress> & { id?: string };

/** Without an id it is a new one. */
export const useSaveAddress = () =>
  useAddressChange(({ id, ...body }: SavedAddress) =>
    id
      ? call(`/user/addresses/${id}`, { method: "PATCH", body })
      : call("/user/addresses", { method: "POST", body, idempotencyKey: crypto.randomUUID() }),
  );

export const useDefaultAddress = () =>
  useAddressChange(({ id, ...body }: { id: string; default_billing?: true; default_delivery?: true }) =>
    call(`/user/addresses/${id}`, { method: "PATCH", body }),
  );

export const useRemoveAddress = () =>
  useAddressChange((id: string) => call(`/user/addresses/${id}`, { method: "DELETE" }));
