/** Keeps what is drawn in the browser as it is drawn, under the turn's task and token. */
import { useEffect, useMemo, useRef, useState } from "react";

import type { Safety } from "./Saved";
import type { Draft } from "./drafts";
import { itemsOf, type Item, type Turn } from "./marks";
import { drafts } from "./turn";

const SAVE_MS = 150;

/** What a turn begins with: its draft where there is one, else what it came with. */
export function begins(who: string, turn: Turn): { items: readonly Item[]; draft: Draft | null } {
  const draft = drafts.find(who, turn.task, turn.token);
  const origin = turn.kind === "draw" ? "model" : "given";
  return { items: draft?.items ?? itemsOf(turn.marks, origin), draft };
}

/** An unsent draft of the same task, under an earlier lease. */
export function earlierDraft(who: string, turn: Turn): Draft | null {
  return drafts.of(who).find((one) => one.task === turn.task && one.token !== turn.token && !one.sending) ?? null;
}

interface Kept {
  safety: Safety;
  /** Save at once; `sending` says that it is an answer now, `answer` what it is where that differs. */
  save: (sending: boolean, answer?: readonly Item[]) => void;
  drop: () => void;
  draft: () => Draft | null;
}

export function useDraft(who: string, turn: Turn, items: readonly Item[], taken?: readonly (number | null)[]): Kept {
  const [safety, setSafety] = useState<Safety>(() => (drafts.find(who, turn.task, turn.token) ? "saved" : "clean"));
  const held = useRef({ items, taken });
  held.current = { items, taken };
  const first = useRef({ items, taken });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const kept = useMemo(() => {
    const rest = () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    };
    const save = (sending: boolean, answer?: readonly Item[]) => {
      rest();
      const { task, token, kind, frame, order } = turn;
      const done = drafts.save({ who, task, token, kind, frame, order, items: answer ?? held.current.items, ...(held.current.taken ? { taken: held.current.taken } : {}), sending });
      setSafety(!done ? "full" : sending ? "sending" : "saved");
    };
    return {
      save,
      drop: () => {
        rest();
        drafts.drop({ who, task: turn.task, token: turn.token });
        setSafety("clean");
      },
      draft: () => drafts.find(who, turn.task, turn.token),
    };
  }, [who, turn]);
  useEffect(() => {
    if (items === first.current.items && taken === first.current.taken) return;
    setSafety("saving");
    timer.current = setTimeout(() => kept.save(false), SAVE_MS);
    const now = () => timer.current !== undefined && kept.save(false);
    window.addEventListener("pagehide", now);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener("pagehide", now);
    };
  }, [items, taken, kept]);
  return { safety, ...kept };
}
