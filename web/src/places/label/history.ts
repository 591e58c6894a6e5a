/** Undo and redo: values before, now and after. What belongs to one movement is one step. */
export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** Of the last step: the next with the same name goes into it. */
  movement: string;
}

const MOST = 200;

export function begun<T>(now: T): History<T> {
  return { past: [], now, future: [], movement: "" };
}

export function stepped<T>(history: History<T>, now: T, movement = ""): History<T> {
  if (now === history.now) return history;
  if (movement !== "" && movement === history.movement) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-MOST), now, future: [], movement };
}

export function undone<T>(history: History<T>): History<T> {
  const last = history.past[history.past.length - 1];
  if (history.past.length === 0 || last === undefined) return history;
  return { past: history.past.slice(0, -1), now: last, future: [history.now, ...history.future], movement: "" };
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...rest] = history.future;
  if (history.future.length === 0 || next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future: rest, movement: "" };
}
