/** What the pages of datasets ask the API for. */
import { useQuery } from "@tanstack/react-query";

import { type Schemas } from "../../api/ask";
import { api, data } from "../../api/client";

export type Version = Schemas["DatasetItem"];
export type Diff = Schemas["DatasetDiffTold"];
export type Shifts = Record<string, Record<string, { before: number; after: number }>>;

export function useVersions() {
  return useQuery({
    queryKey: ["datasets"],
    queryFn: () => data(api.GET("/api/v1/datasets", { params: { query: { limit: 1000 } } })),
  });
}

export function useVersion(id: string) {
  return useQuery({
    queryKey: ["dataset", id],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}", { params: { path: { id } } })),
  });
}

/** The data card as values: composition, sources, coverage, limits. */
export function useCard(id: string) {
  return useQuery({
    queryKey: ["card", id],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/card", { params: { path: { id } } })).then((told) => told.card as unknown as Card),
  });
}

export interface Card {
  id: string;
  names: string[];
  looks: number;
  test: string;
  units: Record<string, number>;
  recordings: Record<string, number>;
  frames: Record<string, Record<string, number>>;
  boxes: Record<string, Record<string, number>>;
  empty: Record<string, number>;
  origins: Record<string, number>;
  authors: number;
  agreement: [string, Record<string, number>][];
  sources: { container: string; synthetic: boolean; licence: string; vehicles: number; recordings: number; frames: number }[];
  coverage: { cell: string; frames: number; recordings: number; share: number; low: number | null; high: number | null; covered: boolean }[];
  uncovered: string;
  limits: string[];
}

export function useDiff(from: string, to: string) {
  return useQuery({
    queryKey: ["diff", from, to],
    enabled: Boolean(from && to),
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/diff", { params: { path: { id: from }, query: { to } } })),
  });
}

/** Frames of a version with their annotations; at most a hundred at once. */
export function useMarks(id: string, frames: readonly string[]) {
  return useQuery({
    queryKey: ["marks", id, frames],
    enabled: frames.length > 0,
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/marks", { params: { path: { id }, query: { frame: [...frames] } } })),
  });
}

export function useMerge(into: string, from: string) {
  return useQuery({
    queryKey: ["merge", into, from],
    enabled: Boolean(into && from),
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/merge", { params: { path: { id: into }, query: { other: from } } })),
  });
}

export function useLooks(id: string) {
  return useQuery({
    queryKey: ["looks", id],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/looks", { params: { path: { id } } })),
  });
}

export function useNames(name: string) {
  return useQuery({
    queryKey: ["names", name],
    enabled: Boolean(name),
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/names", { params: { path: { id: name } } })),
  });
}

/** The datasets that a version is the newest of; tags stand still and are none. */
export function movables(version: Version): string[] {
  return version.names.filter((name) => !name.includes("@"));
}

/** What a version is called where there is room for one word; by the name that was asked for, if any. */
export function called(version: Version, asked = ""): string {
  if (version.names.includes(asked)) return asked;
  return version.names[0] ?? `${version.header.name} ${version.id.slice(8, 18)}`;
}

export function frames(parts: Record<string, number>): number {
  return Object.values(parts).reduce((sum, one) => sum + one, 0);
}
