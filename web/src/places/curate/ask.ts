/** What the place of curation asks for: pages of a pinned list by their place, words, selections. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";

import type { Schemas } from "../../api/ask";
import { api, data } from "../../api/client";

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

export interface Wish {
  q: string;
  like: string;
  crop: string;
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

export function usePages(pages: Pages | null): number {
  return useSyncExternalStore(pages ? pages.follow : nobody, pages ? pages.seen : zero);
}

const nobody = () => () => undefined;
const zero = () => 0;

/** A search, pinned: its first page says how many there are; any other place can be jumped to. */
export function useFound({ q, like, crop }: Wish, enabled: boolean) {
  const query = { q, ...(like ? { like } : {}), ...(crop ? { crop } : {}) };
  const asked = useQuery({
    queryKey: ["search", q, like, crop],
    enabled,
    staleTime: 30_000,
    queryFn: () => data(api.GET("/api/v1/search", { params: { query: { ...query, limit: PAGE, explain: true } } })),
  });
  const first = asked.data;
  const pages = useMemo(
    () =>
      first
        ? new Pages(first.count, first.items as unknown as Row[], async (offset) => {
            const page = await data(api.GET("/api/v1/search", { params: { query: { ...query, limit: PAGE, cursor: first.cursor, offset } } }));
            return page.items as unknown as Row[];
          })
        : null,
    [first],
  );
  return { asked, first, pages };
}

export function useSelection(name: string) {
  const asked = useQuery({
    queryKey: ["selection", name],
    enabled: name !== "",
    queryFn: () => data(api.GET("/api/v1/selections/{name}", { params: { path: { name }, query: { limit: PAGE } } })),
  });
  const first = asked.data;
  const pages = useMemo(
    () =>
      first
        ? new Pages(first.count, first.items.map(rowOf), async (offset) => {
            const page = await data(api.GET("/api/v1/selections/{name}", { params: { path: { name }, query: { limit: PAGE, cursor: first.cursor, offset } } }));
            return page.items.map(rowOf);
          })
        : null,
    [first, name],
  );
  return { asked, first, pages };
}

export function rowOf(frame: string): Row {
  return { frame_id: frame, recording_id: frame.split("/").slice(0, -2).join("/") };
}

export function useSelections() {
  return useQuery({
    queryKey: ["selections"],
    queryFn: () => data(api.GET("/api/v1/selections", { params: { query: { limit: 500 } } })),
  });
}

export function useEmbeddingMap(q: string, colour: string) {
  return useQuery({
    queryKey: ["embedding-map", q, colour],
    staleTime: 60_000,
    queryFn: () => data(api.GET("/api/v1/embedding-map", { params: { query: { q, colour, most: 20_000 } } })),
  });
}

export function useCoverage(what: string, against: string) {
  return useQuery({
    queryKey: ["coverage", what, against],
    staleTime: 60_000,
    queryFn: () => data(api.GET("/api/v1/coverage", { params: { query: { what, ...(against ? { against } : {}) } } })),
  });
}

export function useComparison(one: string, other: string) {
  return useQuery({
    queryKey: ["compare", one, other],
    enabled: one !== "" && other !== "",
    queryFn: () => data(api.GET("/api/v1/comparisons/selections", { params: { query: { one, other } } })),
  });
}

/** An operation until it is over; `done` is called once. */
export function useOperationEnd(id: string, done: () => void): Schemas["OperationTold"]["operation"] | undefined {
  const cache = useQueryClient();
  const asked = useQuery({
    queryKey: ["operation", id],
    enabled: id !== "",
    refetchInterval: (query) => (query.state.data && OVER.has(query.state.data.operation.state) ? false : 500),
    queryFn: () => data(api.GET("/api/v1/operations/{id}", { params: { path: { id } } })),
  });
  const over = OVER.has(asked.data?.operation.state ?? "");
  useEffect(() => {
    if (!over) return;
    void cache.invalidateQueries({ queryKey: ["selections"] });
    done();
  }, [over, cache]);
  return asked.data?.operation;
}

const OVER = new Set(["done", "failed", "cancelled", "interrupted"]);
