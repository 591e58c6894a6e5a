/** What the inspector asks for. */
import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../../api/ask";
import { api, data } from "../../api/client";
import { unpacked } from "./points";

export type Lane = Schemas["Lane"];
export const WINDOW = 200;

export interface Mark {
  frame_id: string;
  annotation_id?: string;
  prediction_id?: string;
  category: string;
  x: number;
  y: number;
  w: number;
  h: number;
  shape?: string;
  points?: number[];
  parts?: number[];
  space?: string;
  score?: number;
  light_state?: string;
  track_id?: string;
  author?: string;
}

export function useTimeline(recording: string) {
  return useQuery({
    queryKey: ["timeline", recording],
    queryFn: () => data(api.GET("/api/v1/timeline", { params: { query: { recording } } })),
    staleTime: Infinity,
  });
}

export function useTrace(recording: string) {
  return useQuery({
    queryKey: ["trace", recording],
    queryFn: () => data(api.GET("/api/v1/traces", { params: { query: { recording } } })),
    staleTime: Infinity,
  });
}

/** Marks of the stretch of a camera that a frame lies in. */
export function useMarks(of: "annotations" | "predictions", recording: string, channel: string, sequence: number, enabled: boolean) {
  const first = Math.floor(sequence / WINDOW) * WINDOW;
  return useQuery({
    queryKey: [of, recording, channel, first],
    enabled: enabled && sequence >= 0,
    staleTime: 60_000,
    queryFn: async () => {
      const query = { recording, channel, first, last: first + WINDOW - 1 };
      const told = await data(api.GET(of === "annotations" ? "/api/v1/annotations" : "/api/v1/predictions", { params: { query } }));
      const found = new Map<string, Mark[]>();
      for (const mark of told.marks as unknown as Mark[]) {
        const own = found.get(mark.frame_id);
        if (own) own.push(mark);
        else found.set(mark.frame_id, [mark]);
      }
      return found;
    },
  });
}

/** A sweep's points, or the address of the picture of a scanning radar. */
export function useSweep(frame: string) {
  return useQuery({
    queryKey: ["sweep", frame],
    enabled: frame !== "",
    staleTime: Infinity,
    gcTime: 20_000,
    queryFn: async () => {
      const path = frame.split("/").map(encodeURIComponent).join("/");
      const answer = await fetch(`/api/v1/sweeps/${path}`);
      if (!answer.ok) throw new Error(`the sweep cannot be had: ${answer.status}`);
      const media = answer.headers.get("content-type") ?? "";
      if (media.startsWith("image/")) return { picture: `/api/v1/sweeps/${path}`, points: null };
      return { picture: "", points: unpacked(await answer.arrayBuffer()) };
    },
  });
}

export interface Happening {
  start_ns: number;
  end_ns: number;
  event?: string;
  check?: string;
  severity?: string;
  channel?: string;
  message: string;
}

export function useHappenings(of: "events" | "checks", recording: string) {
  return useQuery({
    queryKey: [of, recording],
    queryFn: () =>
      of === "events"
        ? data(api.GET("/api/v1/events", { params: { query: { recording, limit: 1000 } } }))
        : data(api.GET("/api/v1/checks", { params: { query: { recording, limit: 1000 } } })),
  });
}

/** Frame ids of a lane by place. */
export function frameAt(lane: Lane, place: number): string {
  return place < 0 ? "" : `${lane.stem}/${String(sequenceAt(lane, place)).padStart(6, "0")}`;
}

export function sequenceAt(lane: Lane, place: number): number {
  return lane.sequence.length ? (lane.sequence[place] ?? -1) : place;
}
