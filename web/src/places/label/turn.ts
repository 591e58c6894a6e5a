/** One turn: taken, kept alive while somebody works, and what happens when its lease is lost. */
import { useCallback, useEffect, useRef, useState } from "react";

import { Problem } from "../../api/client";
import { beatTurn, submitTurn, takeTurn, type Kind } from "./ask";
import { connection, isUnreachable, useConnection } from "./connection";
import { Drafts, type Draft } from "./drafts";
import { sent, type Turn } from "./marks";

const BEAT_MS = 30_000;
/** Without a key or a move of the hand for so long, nobody works. */
const IDLE_MS = 120_000;

export const drafts = new Drafts(window.localStorage);

/** Sends answers that wait in this browser; says how many could not be reached out for. */
export async function sendWaiting(who: string): Promise<number> {
  let left = 0;
  for (const draft of drafts.of(who).filter((one) => one.sending)) {
    try {
      await submitTurn(draft.task, draft.token, draft.items.map((item) => sent(item.mark)));
      drafts.drop(draft);
    } catch (error) {
      if (isUnreachable(error)) left += 1;
      else drafts.save({ ...draft, sending: false });
    }
  }
  return left;
}

export interface Held {
  /** Undefined while it is asked for, null where there is nothing to do. */
  turn: Turn | null | undefined;
  error: unknown;
  /** Why the lease is lost; empty while it holds. */
  lost: string;
  online: boolean;
  take: () => Promise<void>;
  lose: (why: string) => void;
}

export function useTurn(who: string, order: string, kind: Kind | undefined): Held {
  const [turn, setTurn] = useState<Turn | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const [lost, setLost] = useState("");
  const online = useConnection();
  const taking = useRef(false);
  const take = useCallback(async () => {
    if (taking.current) return;
    taking.current = true;
    setError(null);
    try {
      await sendWaiting(who);
      const next = await takeTurn(order, kind);
      setLost("");
      setTurn(next);
    } catch (problem) {
      setError(problem);
    }
    taking.current = false;
  }, [who, order, kind]);
  useEffect(() => {
    if (online && turn === undefined && who) void take();
  }, [online, turn, who, take]);
  useBeat(turn ?? null, lost === "", setLost);
  return { turn, error, lost, online, take, lose: setLost };
}

/** Whether a problem says that somebody else has the task. */
export function isLost(error: unknown): error is Problem {
  return error instanceof Problem && (error.code === "lease-lost" || error.code === "task-moved");
}

/** Tells the server that work goes on, as long as it does. */
function useBeat(turn: Turn | null, held: boolean, lose: (why: string) => void): void {
  const used = useRef(Date.now());
  useEffect(() => {
    const now = () => {
      used.current = Date.now();
    };
    const events = ["pointermove", "pointerdown", "keydown", "wheel"] as const;
    for (const name of events) window.addEventListener(name, now, { passive: true });
    return () => {
      for (const name of events) window.removeEventListener(name, now);
    };
  }, []);
  useEffect(() => {
    if (!turn || !held) return;
    const beat = () => {
      if (Date.now() - used.current > IDLE_MS || !connection.is()) return;
      beatTurn(turn.task, turn.token).catch((error: unknown) => {
        if (isLost(error)) lose(error.detail);
      });
    };
    const timer = setInterval(beat, BEAT_MS);
    const seen = () => document.visibilityState === "visible" && beat();
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("focus", beat);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("focus", beat);
    };
  }, [turn, held, lose]);
}

/** A draft as a file that `ringroad labels submit` reads. */
export function workFile(draft: Draft): string {
  const annotations = draft.items.map(({ mark }) => {
    const { x, y, w, h, guideline: _, ...rest } = sent(mark);
    return { ...rest, box: [x, y, w, h] };
  });
  return JSON.stringify({ task: draft.task, token: draft.token, by: draft.who, frame: draft.frame, kind: draft.kind, order: draft.order, annotations }, null, 1);
}
