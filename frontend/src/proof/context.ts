/**
 * Delicate acts want a fresh proof of who acts. The API says so when the last one is too old (`proof_required`); then
 * one dialog asks for it, and what was wanted is done again.
 */
import { useMutation, type UseMutationOptions } from "@tanstack/react-query";
import { createContext, use, useCallback } from "react";
import { ApiError } from "../api/client";

/** Resolves once the person has proved to be who they are; rejects when they do not want to. */
export type Ask = () => Promise<void>;

export const ProofContext = createContext<Ask | null>(null);

const wantsProof = (fault: unknown) => fault instanceof ApiError && fault.code === "proof_required";

/** Does what is given to it; asks for a proof first where the API wants one. */
export function useProved() {
  const ask = use(ProofContext);
  return useCallback(
    async <T,>(act: () => Promise<T>): Promise<T> => {
      try {
        return await act();
      } catch (fault) {
        if (!ask || !wantsProof(fault)) throw fault;
        await ask();
        return act();
      }
    },
    [ask],
  );
}

type Options<T, Values> = Omit<UseMutationOptions<T, Error, Values>, "mutationFn">;

/** A mutation that may have to be proved first. */
export function useProvedMutation<T = unknown, Values = void>(
  act: (values: Values) => Promise<T>,
  options: Options<T, Values> = {},
) {
  const proved = useProved();
  return useMutation<T, Error, Values>({ ...options, mutationFn: (values) => proved(() => act(values)) });
}
