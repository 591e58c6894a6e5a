/** Keeps key frames in the browser as they are drawn, until they are written. */
import { useEffect, useMemo, useRef, useState } from "react";

import { KeyDrafts, revisionsOf } from "./keyDrafts";
import type { Safety } from "./Saved";
import type { Frames, Keys } from "./tracking";

const SAVE_MS = 150;

export const keyDrafts = new KeyDrafts(window.localStorage);

/** Whether the key frames are safe; they are dropped where none is left unwritten. */
export function useKeyDraft(who: string, anchor: string, track: string, frames: Frames, keys: Keys): { safety: Safety; drop: () => void } {
  const [safety, setSafety] = useState<Safety>("clean");
  const held = useRef(keys);
  held.current = keys;
  /** Whether something is not stored yet. */
  const open = useRef(false);
  const kept = useMemo(() => {
    const drop = () => {
      open.current = false;
      keyDrafts.drop({ who, anchor, track });
      setSafety("clean");
    };
    const save = () => {
      if (!open.current) return;
      if (Object.keys(held.current).length === 0) return drop();
      open.current = false;
      const done = keyDrafts.save({ who, anchor, track, keys: held.current, revisions: revisionsOf(frames) });
      setSafety(done ? "saved" : "full");
    };
    return { save, drop };
  }, [who, anchor, track, frames]);
  const first = useRef(true);
  useEffect(() => {
    if (first.current && Object.keys(keys).length === 0) return;
    first.current = false;
    open.current = true;
    setSafety("saving");
    const timer = setTimeout(kept.save, SAVE_MS);
    return () => clearTimeout(timer);
  }, [keys, kept]);
  useEffect(() => {
    window.addEventListener("pagehide", kept.save);
    return () => {
      window.removeEventListener("pagehide", kept.save);
      kept.save();
    };
  }, [kept]);
  return { safety, drop: kept.drop };
}
