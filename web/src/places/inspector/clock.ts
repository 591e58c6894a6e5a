/** The moment that a recording's page shows. It lives beside React: the hand moves it 60 times a second. */
import { useSyncExternalStore } from "react";

export class Clock {
  private listeners = new Set<() => void>();
  seconds: number;
  readonly length: number;

  constructor(length: number, seconds: number) {
    this.length = length;
    this.seconds = clamp(seconds, length);
  }

  set = (seconds: number): void => {
    const next = clamp(seconds, this.length);
    if (next === this.seconds) return;
    this.seconds = next;
    for (const told of this.listeners) told();
  };

  follow = (told: () => void): (() => void) => {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  };
}

function clamp(seconds: number, length: number): number {
  return Math.min(Math.max(Number.isFinite(seconds) ? seconds : 0, 0), length);
}

/** Something that follows from the moment; the part is drawn again where it differs. */
export function useMoment<T extends string | number | boolean>(clock: Clock, tell: (seconds: number) => T): T {
  return useSyncExternalStore(clock.follow, () => tell(clock.seconds));
}

/** Place of the value nearest to a moment in a rising list; -1 in an empty one. */
export function nearestAt(seconds: readonly number[], moment: number): number {
  let [low, high] = [0, seconds.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seconds[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && moment - seconds[low - 1]! <= seconds[low]! - moment) return low - 1;
  return seconds.length ? low : -1;
}

/** The next moment of a rising list behind, or before, a moment. */
export function stepFrom(seconds: readonly number[], moment: number, by: number): number {
  const at = nearestAt(seconds, moment);
  return seconds[Math.min(Math.max(at + by, 0), seconds.length - 1)] ?? moment;
}
