/** An answer on its way: sent, waiting for the connection, refused, or too late. */
import { useCallback, useEffect, useState } from "react";

import { useConnection, isUnreachable } from "./connection";
import { isLost } from "./turn";

export interface Sending {
  busy: boolean;
  /** It waits until the server can be reached. */
  waits: boolean;
  refused: unknown;
  send: () => void;
}

interface Told {
  ask: () => Promise<unknown>;
  /** Before it leaves: it is kept. */
  before?: () => void;
  done: () => void;
  /** It did not count: whoever has the task is in the words. */
  lose: (why: string) => void;
  /** It may be changed again. */
  back?: () => void;
}

export function useSending({ ask, before, done, lose, back }: Told): Sending {
  const [state, setState] = useState<"idle" | "busy" | "waits">("idle");
  const [refused, setRefused] = useState<unknown>(null);
  const online = useConnection();
  const send = useCallback(() => {
    setState("busy");
    setRefused(null);
    before?.();
    ask().then(
      () => {
        setState("idle");
        done();
      },
      (error: unknown) => {
        if (isUnreachable(error)) return setState("waits");
        setState("idle");
        back?.();
        if (isLost(error)) lose(error.detail);
        else setRefused(error);
      },
    );
  }, [ask, before, done, lose, back]);
  useEffect(() => {
    if (online && state === "waits") send();
  }, [online, state, send]);
  return { busy: state !== "idle", waits: state === "waits", refused, send };
}
