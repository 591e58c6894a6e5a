/** What the Label place asks the API. */
import { useQuery } from "@tanstack/react-query";

import { useAllowed, useMe, type Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { reached } from "./connection";
import type { Given, Guideline, Turn } from "./marks";
import { partsOf } from "./names";

export type Order = Schemas["OrderItem"];
export type Task = Schemas["TaskItem"];

/** Who is here, and whether they may do something. */
export function useMay(): { who: string; may: (operation: string) => boolean } {
  const me = useMe();
  return { who: me.data?.who ?? "", may: (operation) => me.data?.operations.includes(operation) ?? false };
}

export function useWaiting(enabled: boolean) {
  return useQuery({
    queryKey: ["label", "waiting"],
    enabled,
    queryFn: () => data(api.GET("/api/v1/labelling/waiting")),
    refetchInterval: 20_000,
  });
}

export function useOrders() {
  const enabled = useAllowed("list_orders");
  return useQuery({
    queryKey: ["label", "orders"],
    enabled,
    queryFn: () => data(api.GET("/api/v1/labelling/orders", { params: { query: { limit: 500 } } })),
    refetchInterval: 20_000,
  });
}

export function useOrder(name: string) {
  return useQuery({
    queryKey: ["label", "order", name],
    enabled: name !== "",
    queryFn: () => data(api.GET("/api/v1/labelling/orders/{name}", { params: { path: { name } } })),
  });
}

export function useCosts(order: string, perHour: number | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ["label", "costs", order, perHour],
    enabled,
    queryFn: () =>
      data(
        api.GET("/api/v1/labelling/costs", {
          params: { query: { order, ...(perHour === undefined ? {} : { per_hour: perHour }) } },
        }),
      ),
  });
}

export interface TaskFilter {
  order: string;
  state: "" | "open" | "done" | "parked" | "cancelled";
  annotator: string;
}

export function useTasks(filter: TaskFilter, offset: number, limit: number) {
  return useQuery({
    queryKey: ["label", "tasks", filter, offset],
    placeholderData: (before) => before,
    queryFn: () => data(api.GET("/api/v1/labelling/tasks", { params: { query: { ...filter, offset, limit } } })),
  });
}

export function useGuidelines() {
  return useQuery({
    queryKey: ["label", "guidelines"],
    queryFn: () => data(api.GET("/api/v1/labelling/guidelines", { params: { query: { limit: 500 } } })),
  });
}

export function useGuideline(name: string) {
  return useQuery({
    queryKey: ["label", "guideline", name],
    enabled: name !== "",
    queryFn: () => data(api.GET("/api/v1/labelling/guidelines/{name}", { params: { path: { name } } })),
  });
}

export function useQuality(on: string, enabled: boolean) {
  return useQuery({
    queryKey: ["label", "quality", on],
    enabled,
    staleTime: 60_000,
    queryFn: () => data(api.GET("/api/v1/labelling/quality", { params: { query: on ? { on: [on] } : {} } })),
  });
}

export function useAnnotations(frame: string, revision: number | undefined, enabled: boolean) {
  return useQuery({
    enabled: enabled && frame !== "",
    queryKey: ["label", "annotations", frame, revision],
    refetchOnWindowFocus: false,
    queryFn: () =>
      data(
        api.GET("/api/v1/labelling/annotations/{id}", {
          params: { path: { id: frame }, query: revision === undefined ? {} : { revision } },
        }),
      ),
  });
}

export function useRevisions(frame: string) {
  return useQuery({
    queryKey: ["label", "revisions", frame],
    queryFn: () => data(api.GET("/api/v1/labelling/revisions/{id}", { params: { path: { id: frame } } })),
  });
}

export function useStretch(frame: string, enabled: boolean) {
  return useQuery({
    queryKey: ["label", "stretch", frame],
    enabled: enabled && frame !== "",
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: () => data(api.GET("/api/v1/labelling/stretch", { params: { query: { frame, before: 15, after: 25 } } })),
  });
}

export type Kind = "draw" | "adjudicate" | "review" | "rework";
export const KINDS: readonly Kind[] = ["draw", "rework", "adjudicate", "review"];

const BESIDE = 9;

/** Frames of the same camera around one. */
export function useNeighbours(frame: string) {
  const [recording, channel] = partsOf(frame);
  return useQuery({
    queryKey: ["label", "neighbours", frame],
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/frames", { params: { query: { recording, channel, around: frame, limit: BESIDE } } })),
  });
}

/** The next task, of one kind or of any; a honeypot says that it is to draw. */
export async function takeTurn(order: string, kind: Kind | undefined): Promise<Turn | null> {
  const kinds: Schemas["TakeTurn"]["kinds"] = kind === "draw" ? ["draw", "honeypot"] : kind ? [kind] : [];
  const found = await reached(data(api.POST("/api/v1/labelling/turns", { body: { kinds, order } })));
  return found.turn;
}

export function guidelineOf(turn: Turn): Guideline | null {
  return turn.guideline as unknown as Guideline | null;
}

/** The same answer under the same token once more changes nothing: it may be sent again at will. */
export function submitTurn(task: string, token: number, marks: Given[]): Promise<Schemas["SubmittedTold"]> {
  return reached(data(api.POST("/api/v1/labelling/tasks/{id}:submit", { params: { path: { id: task } }, body: { token, marks } })));
}

export function skipTurn(task: string, token: number, reason: string) {
  return reached(data(api.POST("/api/v1/labelling/tasks/{id}:skip", { params: { path: { id: task } }, body: { token, reason } })));
}

export function beatTurn(task: string, token: number) {
  return reached(data(api.POST("/api/v1/labelling/tasks/{id}:beat", { params: { path: { id: task } }, body: { token } })));
}

export function reviewTurn(task: string, token: number, accept: boolean, comments: string[]) {
  return reached(
    data(api.POST("/api/v1/labelling/tasks/{id}:review", { params: { path: { id: task } }, body: { token, accept, comments } })),
  );
}

/** Writes the next revision of a frame; throws a problem with status 412 where somebody was first. */
export function editFrame(frame: string, seen: number, marks: Given[], guideline: string, reason: string) {
  return reached(
    data(
      api.POST("/api/v1/labelling/annotations/{id}", {
        params: { path: { id: frame }, header: { "if-match": `"${seen}"`, "Idempotency-Key": idempotencyKey() } },
        body: { marks, guideline, reason },
      }),
    ),
  );
}
