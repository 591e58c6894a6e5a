import type { Shelf } from "./drafts";

/** Storage as browsers have it, with so much room. */
export class Box implements Shelf {
  private readonly held = new Map<string, string>();
  constructor(private readonly room = 1e6) {}
  get length() {
    return this.held.size;
  }
  key(at: number) {
    return [...this.held.keys()][at] ?? null;
  }
  getItem(name: string) {
    return this.held.get(name) ?? null;
  }
  setItem(name: string, value: string) {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.held.set(name, value);
  }
  removeItem(name: string) {
    this.held.delete(name);
  }
}
