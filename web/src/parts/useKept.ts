/** State that outlives a reload of the page, in this browser; for work that is not sent yet. */
import { useState } from "react";

export interface Shelf {
  getItem: (name: string) => string | null;
  setItem: (name: string, value: string) => void;
  removeItem: (name: string) => void;
}

/** What is kept under a name, or what it begins with; a browser that lets nobody store forgets. */
export function useKept<T extends object>(name: string, first: T, shelf: Shelf = window.localStorage): [T, (next: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => kept(shelf, name) ?? first);
  const put = (next: T) => {
    setValue(next);
    try {
      shelf.setItem(name, JSON.stringify(next));
    } catch {
      return;
    }
  };
  const drop = () => {
    try {
      shelf.removeItem(name);
    } catch {
      return;
    }
  };
  return [value, put, drop];
}

export function kept<T extends object>(shelf: Shelf, name: string): T | null {
  try {
    const value: unknown = JSON.parse(shelf.getItem(name) ?? "null");
    return typeof value === "object" ? (value as T | null) : null;
  } catch {
    return null;
  }
}
