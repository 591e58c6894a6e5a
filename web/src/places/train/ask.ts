/** What the pages of training ask the API for. */
import { useQueries, useQuery } from "@tanstack/react-query";

import { type Schemas } from "../../api/ask";
import { api, data } from "../../api/client";

export type Run = Schemas["TrainingRunItem"];
export type Comparison = Schemas["ComparisonTold"];
export type Kpi = Schemas["Kpi"];

const AT_ONCE = 1000;

/** All training runs: pages of a pinned list, one after the other. */
export function useRuns() {
  return useQuery({
    queryKey: ["training-runs"],
    queryFn: async () => {
      let told = await data(api.GET("/api/v1/training-runs", { params: { query: { limit: AT_ONCE } } }));
      const items = [...told.items];
      while (told.next) {
        told = await data(api.GET("/api/v1/training-runs", { params: { query: { limit: AT_ONCE, cursor: told.next } } }));
        items.push(...told.items);
      }
      return { items, cli: told.cli };
    },
    staleTime: 30_000,
  });
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

/** What a run is called in a table: a name that points at its model, or the start of its id. */
export function called(run: Run): string {
  return run.names[0] ?? run.id.slice(0, 10);
}
