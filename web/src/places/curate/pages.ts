/** Rows of a pinned list of any length, fetched page by page where they are looked at. */
export interface Row {
  frame_id: string;
  recording_id: string;
  condition?: string | null;
  speed_mps?: number | null;
  brightness?: number | null;
  width?: number;
  height?: number;
  score?: number;
}

export const PAGE = 120;
const AT_ONCE = 3;
const HELD = 80;

type Fetch = (offset: number) => Promise<readonly Row[]>;

/** Rows of a list of any length: what is looked at is fetched, the latest wish first. */
export class Pages {
  private rows = new Map<number, readonly Row[]>();
  private busy = new Set<number>();
  private wanted: number[] = [];
  private listeners = new Set<() => void>();
  private version = 0;
  readonly count: number;
  private fetch: Fetch;

  constructor(count: number, first: readonly Row[], fetch: Fetch) {
    this.count = count;
    this.fetch = fetch;
    this.rows.set(0, first);
  }

  at(place: number): Row | undefined {
    return this.rows.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Rows from one place to another are looked at, or soon will be. */
  want(from: number, to: number): void {
    const last = Math.floor((this.count - 1) / PAGE);
    const pages: number[] = [];
    for (let page = Math.max(0, Math.floor(from / PAGE)); page <= Math.min(last, Math.floor(to / PAGE)); page++)
      if (!this.rows.has(page) && !this.busy.has(page)) pages.push(page);
    const middle = (from + to) / 2 / PAGE;
    this.wanted = pages.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    this.go();
  }

  follow = (told: () => void): (() => void) => {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  };

  seen = (): number => this.version;

  private go(): void {
    while (this.busy.size < AT_ONCE) {
      const page = this.wanted.shift();
      if (page === undefined) return;
      this.busy.add(page);
      this.fetch(page * PAGE)
        .then((rows) => this.keep(page, rows))
        .catch(() => undefined)
        .finally(() => {
          this.busy.delete(page);
          this.go();
        });
    }
  }

  private keep(page: number, rows: readonly Row[]): void {
    this.rows.set(page, rows);
    for (const old of this.rows.keys()) {
      if (this.rows.size <= HELD) break;
      if (old !== page && old !== 0) this.rows.delete(old);
    }
    this.version += 1;
    for (const told of this.listeners) told();
  }
}

export function rowOf(frame: string): Row {
  return { frame_id: frame, recording_id: frame.split("/").slice(0, -2).join("/") };
}
