/** Key frames that are not written yet, in the browser's own storage: one set for each track. */
import type { Shelf } from "./drafts";
import type { Frames, Keys } from "./tracking";

export interface KeyDraft {
  who: string;
  /** The frame around which the track is drawn. */
  anchor: string;
  track: string;
  keys: Keys;
  /** Frame -> the revision that its key frames were drawn on. */
  revisions: Readonly<Record<string, number>>;
  saved_ms: number;
}

type Which = Pick<KeyDraft, "who" | "anchor" | "track">;

const PREFIX = "ringroad.keys.1.";
const KEPT_MS = 30 * 24 * 3600 * 1000;

export class KeyDrafts {
  constructor(
    private readonly shelf: Shelf,
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns false where the browser has no room, or lets nobody store. */
  save(draft: Omit<KeyDraft, "saved_ms">): boolean {
    try {
      this.shelf.setItem(nameOf(draft), JSON.stringify({ ...draft, saved_ms: this.now() }));
      return true;
    } catch {
      return false;
    }
  }

  /** Null where there is none, and where it is damaged or of a month ago: those go. */
  find(which: Which): KeyDraft | null {
    const held = this.shelf.getItem(nameOf(which));
    if (held === null) return null;
    const found = parsed(held);
    if (found && this.now() - found.saved_ms <= KEPT_MS) return found;
    this.drop(which);
    return null;
  }

  drop(which: Which): void {
    this.shelf.removeItem(nameOf(which));
  }
}

export function revisionsOf(frames: Frames): Record<string, number> {
  return Object.fromEntries(frames.map((frame) => [frame.frame, frame.revision]));
}

/** Whether frames have been written since. */
export function isStale(draft: KeyDraft, frames: Frames): boolean {
  return frames.some((frame) => draft.revisions[frame.frame] !== frame.revision);
}

/** The part of a draft that lies on these frames. */
export function keysOn(draft: KeyDraft, frames: Frames): Keys {
  const there = new Set(frames.map((frame) => frame.frame));
  return Object.fromEntries(Object.entries(draft.keys).filter(([frame]) => there.has(frame)));
}

function parsed(held: string): KeyDraft | null {
  try {
    const found = JSON.parse(held) as KeyDraft | null;
    return found && typeof found.keys === "object" && found.keys && typeof found.revisions === "object" && found.revisions ? found : null;
  } catch {
    return null;
  }
}

function nameOf({ who, anchor, track }: Which): string {
  return PREFIX + [who, anchor, track].map(encodeURIComponent).join(".");
}
