/** Drafts in the browser's own storage: one for each task and token, kept until its answer arrived. */
import type { Item } from "./marks";

export interface Draft {
  who: string;
  task: string;
  token: number;
  kind: string;
  frame: string;
  order: string;
  items: readonly Item[];
  /** Of an adjudication: whose mark each thing takes. */
  taken?: readonly (number | null)[];
  saved_ms: number;
  /** It is an answer that waits to be sent. */
  sending: boolean;
}

export interface Shelf {
  readonly length: number;
  key(at: number): string | null;
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

const PREFIX = "ringroad.draft.1.";
const KEPT_MS = 30 * 24 * 3600 * 1000;

export class Drafts {
  constructor(
    private readonly shelf: Shelf,
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns false where the browser has no room, or lets nobody store. */
  save(draft: Omit<Draft, "saved_ms">): boolean {
    try {
      this.shelf.setItem(nameOf(draft), JSON.stringify({ ...draft, saved_ms: this.now() }));
      return true;
    } catch {
      return false;
    }
  }

  find(who: string, task: string, token: number): Draft | null {
    return this.read(nameOf({ who, task, token }));
  }

  drop(draft: Pick<Draft, "who" | "task" | "token">): void {
    this.shelf.removeItem(nameOf(draft));
  }

  /** Of one person, newest first; those of a month ago go. */
  of(who: string): Draft[] {
    const names = Array.from({ length: this.shelf.length }, (_, at) => this.shelf.key(at));
    const found: Draft[] = [];
    for (const name of names) {
      if (!name?.startsWith(PREFIX)) continue;
      const draft = this.read(name);
      if (!draft || this.now() - draft.saved_ms > KEPT_MS) this.shelf.removeItem(name);
      else if (draft.who === who) found.push(draft);
    }
    return found.sort((one, other) => other.saved_ms - one.saved_ms);
  }

  private read(name: string): Draft | null {
    try {
      const found = JSON.parse(this.shelf.getItem(name) ?? "null") as Draft | null;
      return found && Array.isArray(found.items) && typeof found.token === "number" ? found : null;
    } catch {
      return null;
    }
  }
}

function nameOf({ who, task, token }: Pick<Draft, "who" | "task" | "token">): string {
  return `${PREFIX}${encodeURIComponent(who)}.${task}.${token}`;
}
