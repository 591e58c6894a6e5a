/** Hooks that ask the API and keep its answers. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { api, data } from "./client";
import type { components } from "./schema";

export type Schemas = components["schemas"];

export function useStatus() {
  return useQuery({
    queryKey: ["status"],
    queryFn: () => data(api.GET("/api/v1/status")),
    refetchInterval: 15_000,
  });
}

/** The funnel is told once events were looked for. */
export function useFunnel(enabled: boolean) {
  return useQuery({ queryKey: ["funnel"], enabled, queryFn: () => data(api.GET("/api/v1/funnel")) });
}

export function useAbout() {
  return useQuery({ queryKey: ["about"], queryFn: () => data(api.GET("/api/v1")), staleTime: Infinity });
}

export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => data(api.GET("/api/v1/me")), staleTime: 60_000 });
}

/** Whether the person who is signed in may do something; not while it is not known. */
export function useAllowed(operation: string): boolean {
  return useMe().data?.operations.includes(operation) ?? false;
}

export function useOperations() {
  const enabled = useAllowed("list_operations");
  return useQuery({
    queryKey: ["operations"],
    enabled,
    queryFn: () => data(api.GET("/api/v1/operations", { params: { query: { limit: 50 } } })),
    refetchInterval: 5_000,
  });
}

export function useRecordings() {
  return useQuery({
    queryKey: ["recordings"],
    queryFn: () => data(api.GET("/api/v1/recordings", { params: { query: { limit: 1000 } } })),
  });
}

export function useRecording(id: string) {
  return useQuery({
    queryKey: ["recording", id],
    queryFn: () => data(api.GET("/api/v1/recordings/{id}", { params: { path: { id } } })),
  });
}

export const PAGE = 200;

/** All frames of one camera of a recording, a page after the other. */
export function useFrames(recording: string, channel: string) {
  return useInfiniteQuery({
    queryKey: ["frames", recording, channel],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/frames", {
          params: { query: { recording, channel, limit: 1000, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Infinity,
  });
}

/** The address of a frame's picture. */
export function picture(frame: string, form: "recorded" | "proxy" = "proxy", width?: number): string {
  const path = frame.split("/").map(encodeURIComponent).join("/");
  return `/api/v1/pictures/${path}?form=${form}${width ? `&width=${width}` : ""}`;
}
