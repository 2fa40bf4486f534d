import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useMe } from "../api/account";

/** What the socket says about itself: nothing wanted yet, up, or cut. */
export type Connection = "idle" | "up" | "down";

let connection: Connection = "idle";
const listeners = new Set<() => void>();

function become(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useConnection = () => useSyncExternalStore(subscribe, () => connection);

const ORDER_EVENTS = ["order_status", "payment_status"] as const;

type ReadAgain = () => void;

/** Opens the socket of the signed-in user; the client is fetched only now, as a visitor needs none. Returns its end. */
function openSocket(readAgain: ReadAgain): () => void {
  let close: () => void = () => undefined;
  let isWanted = true;
  void import("socket.io-client").then(({ io }) => {
    if (!isWanted) return;
    const socket = io("/user", { withCredentials: true });
    socket.on("connect", () => {
      become("up");
      readAgain();
    });
    socket.on("disconnect", () => become("down"));
    socket.on("connect_error", () => become("down"));
    for (const event of ORDER_EVENTS) socket.on(event, readAgain);
    close = () => {
      socket.removeAllListeners();
      socket.disconnect();
    };
  });
  return () => {
    isWanted = false;
    close();
    become("idle");
  };
}

/**
 * Keeps orders current while somebody is signed in. An event only says what changed, so it makes the page read the
 * order again; missed events are not replayed, so a reconnect reads everything again.
 */
export function useLiveOrders(): void {
  const queries = useQueryClient();
  const userId = useMe().data?.id;
  useEffect(() => {
    if (!userId) return;
    return openSocket(() => void queries.invalidateQueries({ queryKey: ["orders"] }));
  }, [userId, queries]);
}
