/** What the pages of training ask the API for. */
import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { type Schemas } from "../../api/ask";
import { api, data } from "../../api/client";

export type Run = Schemas["TrainingRunItem"];
export type Comparison = Schemas["ComparisonTold"];
export type Kpi = Schemas["Kpi"];
export type Study = Schemas["StudyItem"];
export type StudyTold = Schemas["StudyTold"];
export type Trial = Schemas["TrialItem"];
export type Search = Schemas["StudySearch"];

const AT_ONCE = 1000;

/** All training runs: the first page of a pinned list, then the others while it is read. */
export function useRuns() {
  const asked = useInfiniteQuery({
    queryKey: ["training-runs"],
    initialPageParam: "",
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/training-runs", { params: { query: { limit: AT_ONCE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 30_000,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const items = useMemo(() => (asked.data?.pages ?? []).flatMap((page) => page.items), [asked.data]);
  return { items, count: asked.data?.pages[0]?.count, cli: asked.data?.pages[0]?.cli, isPending: asked.isPending, error: asked.error, refetch: asked.refetch };
}

/** Runs with their curves. */
export function useCurves(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ["training-run", id],
      queryFn: () => data(api.GET("/api/v1/training-runs/{id}", { params: { path: { id } } })),
      staleTime: Infinity,
    })),
  });
}

export function useComparison(ids: readonly string[]) {
  return useQuery({
    queryKey: ["comparison", ids],
    enabled: ids.length > 0,
    queryFn: () => data(api.GET("/api/v1/training-runs/comparison", { params: { query: { run: [...ids] } } })),
  });
}

export function useModels() {
  return useQuery({
    queryKey: ["models"],
    queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 1000 } } })),
  });
}

const RUNNING_MS = 2_000;
const RESTING_MS = 15_000;

/** All studies; asked for again while one runs. */
export function useStudies() {
  return useQuery({
    queryKey: ["studies"],
    queryFn: () => data(api.GET("/api/v1/studies", { params: { query: { limit: 1000 } } })),
    refetchInterval: ({ state }) => (state.data?.items.some((study) => study.state === "running") ? RUNNING_MS : RESTING_MS),
  });
}

/** One study with its trials; asked for again while it runs. */
export function useStudy(id: string) {
  return useQuery({
    queryKey: ["study", id],
    queryFn: () => data(api.GET("/api/v1/studies/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.study.state === "running" ? RUNNING_MS : RESTING_MS),
  });
}

/** What a run is called in a table: a name that points at its model, or the start of its id. */
export function called(run: Run): string {
  return run.names[0] ?? run.id.slice(0, 10);
}
