/** A track while it is edited: key frames as they were, and what was set or taken away since. */
import type { Schemas } from "../../api/ask";
import { markOf, type Given, type Mark, sent } from "./marks";

export type Frames = readonly Schemas["StretchFrame"][];
/** Frame -> the key frame set there; null where it was taken away. */
export type Keys = Readonly<Record<string, Mark | null>>;

export function tracksIn(frames: Frames): string[] {
  const names = frames.flatMap((frame) => frame.marks.map((mark) => mark.track)).filter(Boolean);
  return [...new Set(names)].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
}

/** A number that no track has. */
export function freshTrack(frames: Frames): string {
  const numbers = tracksIn(frames).map(Number).filter(Number.isFinite);
  return String(Math.max(0, ...numbers) + 1);
}

/** All key frames of a track, with what was changed. */
export function keysOf(frames: Frames, track: string, changed: Keys): Record<string, Mark> {
  const found: Record<string, Mark> = {};
  for (const frame of frames) {
    const was = frame.marks.find((mark) => mark.track === track && mark.key);
    const now = frame.frame in changed ? changed[frame.frame] : was && markOf(was);
    if (now) found[frame.frame] = { ...now, track, key: true };
  }
  return found;
}

export function sentKeys(keys: Keys): Record<string, Given | null> {
  return Object.fromEntries(Object.entries(keys).map(([frame, mark]) => [frame, mark && { ...sent(mark), id: "" }]));
}

/** The frame so many further on. */
export function stepTo(frames: Frames, at: string, by: number): string {
  const place = frames.findIndex((frame) => frame.frame === at);
  return frames[Math.min(Math.max(place + by, 0), frames.length - 1)]?.frame ?? at;
}

/** The next frame with a key, before or behind. */
export function keyBeside(frames: Frames, keys: Readonly<Record<string, Mark>>, at: string, by: 1 | -1): string {
  const place = frames.findIndex((frame) => frame.frame === at);
  for (let i = place + by; i >= 0 && i < frames.length; i += by) {
    const frame = frames[i]?.frame;
    if (frame && keys[frame]) return frame;
  }
  return at;
}
