/** What the place of curation asks for: pinned lists, the map, coverage, selections. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";

import { api, data } from "../../api/client";
import { PAGE, Pages, type Row, rowOf } from "./pages";

export interface Wish {
  q: string;
  like: string;
  crop: string;
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
