/** What the loop's page asks for, and long work as it goes, by server-sent events. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { useAllowed } from "../../api/ask";
import { api, data } from "../../api/client";
import { OVER } from "../../parts/Work";

export function useLoop() {
  return useQuery({ queryKey: ["loop"], queryFn: () => data(api.GET("/api/v1/loop")), refetchInterval: 15_000 });
}

/** The newest operations; those that begin are seen within two seconds. */
export function useNewest() {
  const enabled = useAllowed("list_operations");
  return useQuery({
    enabled,
    queryKey: ["operations", "newest"],
    queryFn: () => data(api.GET("/api/v1/operations", { params: { query: { limit: 20 } } })),
    refetchInterval: 2_000,
  });
}

export interface Live {
  state: string;
  what: string;
  done: number;
  total: number;
  last: string;
}

/** One operation as it tells of itself; when it is over, everything that counts is asked again. */
export function useLive(id: string, state: string): Live {
  const [live, setLive] = useState<Live>({ state, what: "", done: 0, total: 0, last: "" });
  const cache = useQueryClient();
  useEffect(() => {
    const stream = new EventSource(`/api/v1/operations/${id}/events`);
    const on = (name: string, take: (told: Record<string, unknown>) => Partial<Live>) =>
      stream.addEventListener(name, (event) => {
        const told = JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>;
        setLive((before) => ({ ...before, ...take(told) }));
        if (name === "state" && OVER.has(String(told.state))) {
          stream.close();
          for (const key of ["loop", "operations", "funnel", "status", "selections"]) void cache.invalidateQueries({ queryKey: [key] });
        }
      });
    on("state", (told) => ({ state: String(told.state) }));
    on("progress", (told) => ({ what: String(told.what), done: Number(told.done), total: Number(told.total) }));
    on("step", (told) => ({ last: `${String(told.step)}${told.cached ? ", found" : ""}` }));
    on("note", (told) => ({ last: String(told.text) }));
    return () => stream.close();
  }, [id, cache]);
  return live;
}
