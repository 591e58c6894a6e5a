/** What the pages of validation ask the API for. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { type Schemas } from "../../api/ask";
import { api, data } from "../../api/client";
import type { Mark } from "../../parts/Marked";

export type Kpi = Schemas["Kpi"];
export type Evaluation = Schemas["EvaluationItem"];
export type Gate = Schemas["GateItem"];
export type Resimulation = Schemas["ResimulationItem"];
export type Box = Schemas["BoxItem"];
export type Judged = Schemas["JudgedMarks"];

export const AT_ONCE = 12;

export function useEvaluations() {
  return useQuery({
    queryKey: ["evaluations"],
    queryFn: () => data(api.GET("/api/v1/evaluations", { params: { query: { limit: 500 } } })),
  });
}

export function useGates() {
  return useQuery({
    queryKey: ["gates"],
    queryFn: () => data(api.GET("/api/v1/gates", { params: { query: { limit: 200 } } })),
  });
}

export function useResimulations() {
  return useQuery({
    queryKey: ["resimulations"],
    queryFn: () => data(api.GET("/api/v1/resimulations", { params: { query: { limit: 200 } } })),
  });
}

export function useAliases() {
  return useQuery({
    queryKey: ["aliases"],
    queryFn: () => data(api.GET("/api/v1/aliases", { params: { query: { limit: 1000 } } })),
  });
}

interface Slice {
  category: string;
  slice: string;
  recording: string;
}

/** Frames of a slice, most errors first. */
export function useJudgedFrames(evaluation: string, asked: Slice) {
  return useInfiniteQuery({
    queryKey: ["judged", evaluation, asked],
    enabled: Boolean(evaluation),
    initialPageParam: "",
    staleTime: Infinity,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/evaluations/{id}/frames", {
          params: { path: { id: evaluation }, query: { ...asked, limit: AT_ONCE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** Truth and detections of frames, each with what it came to. */
export function useJudged(evaluation: string, frames: readonly string[], category: string, threshold = 0.3) {
  return useQuery({
    queryKey: ["judged marks", evaluation, frames, category, threshold],
    enabled: Boolean(evaluation) && frames.length > 0,
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/evaluations/{id}/marks", { params: { path: { id: evaluation }, query: { frame: [...frames], category, threshold } } })),
  });
}

/** Truth and detections as boxes to be drawn. */
export function judgedMarks(of: Judged): Mark[] {
  const told = (box: Box): Mark => ({
    ...box,
    as: box.came_to as Mark["as"],
    text: box.score === null || box.score === undefined ? box.category : `${box.category} ${box.score.toFixed(2)}`,
  });
  return [...of.truth.map(told), ...of.predictions.map(told)];
}

/** What models are called: names that point at them, or the start of an id. */
export function modelNames(names: readonly string[], ids: readonly string[]): string {
  if (names.length > 0) return names.join(", ");
  const [first] = ids;
  return first ? `${first.slice(0, first.indexOf(":") + 9)}${ids.length > 1 ? ` and ${ids.length - 1} that answer alike` : ""}` : "predictions from elsewhere";
}
