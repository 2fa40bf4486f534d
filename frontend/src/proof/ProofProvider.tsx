import { useCallback, useRef, useState, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { ProofContext, type Ask } from "./context";
import { ProofDialog } from "./ProofDialog";

/** The person closed the dialog. */
const refused = () => new ApiError(0, "proof_missing", "Nothing was done, for it needs a proof that it is you.");

interface Waiting {
  resolve: () => void;
  reject: (fault: unknown) => void;
}

export function ProofProvider({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const waiting = useRef<Waiting | null>(null);
  const ask = useCallback<Ask>(() => {
    waiting.current?.reject(refused());
    setOpen(true);
    return new Promise((resolve, reject) => {
      waiting.current = { resolve, reject };
    });
  }, []);
  const end = (isProved: boolean) => {
    setOpen(false);
    if (isProved) waiting.current?.resolve();
    else waiting.current?.reject(refused());
    waiting.current = null;
  };
  return (
    <ProofContext value={ask}>
      {children}
      <ProofDialog open={isOpen} onProved={() => end(true)} onClose={() => end(false)} />
    </ProofContext>
  );
}
