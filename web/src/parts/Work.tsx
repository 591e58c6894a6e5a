/** Long work that a page started: how far it is, what came of it, what went wrong. */
import { Alert, Anchor, Group, Loader, Progress, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";

import { type Schemas, useMe } from "../api/ask";
import { api, data } from "../api/client";

export type Operation = Schemas["Operation"];

/** States in which nothing more happens. */
export const OVER: ReadonlySet<string> = new Set(["done", "failed", "cancelled", "interrupted"]);

/** An operation, asked for until it is over. */
export function useOperation(id: string | undefined) {
  return useQuery({
    queryKey: ["operation", id],
    enabled: Boolean(id),
    queryFn: () => data(api.GET("/api/v1/operations/{id}", { params: { path: { id: id ?? "" } } })).then((told) => told.operation),
    refetchInterval: ({ state }) => (state.data && OVER.has(state.data.state) ? false : 400),
  });
}

/** Whether an operation is still to end; nothing runs under an empty id. */
export function useRunning(id: string): boolean {
  const asked = useOperation(id);
  return id !== "" && !asked.error && !OVER.has(asked.data?.state ?? "queued");
}

interface Props {
  id: string;
  what: string;
  /** Queries that are stale once it is done. */
  renews?: readonly string[];
  onDone?: (result: Record<string, unknown>) => void;
  children?: (result: Record<string, unknown>) => ReactNode;
}

export function Work({ id, what, renews = [], onDone, children }: Props) {
  const asked = useOperation(id);
  const queries = useQueryClient();
  const state = asked.data?.state;
  useEffect(() => {
    if (state !== "done") return;
    for (const key of renews) void queries.invalidateQueries({ queryKey: [key] });
    onDone?.(asked.data?.result ?? {});
  }, [state]); // eslint-disable-line react-hooks/exhaustive-deps
  const operation = asked.data;
  if (!operation || state === "queued" || state === "running") return <Going what={what} of={operation} />;
  if (state === "done") return <>{children?.((operation.result ?? {}) as Record<string, unknown>)}</>;
  const problem = (operation.problem ?? {}) as Record<string, string>;
  return (
    <Alert color="red" title={problem.title ?? `${what}: ${state}`} role="alert">
      <Text size="sm" className="break">
        {problem.subject ? `${problem.subject}: ` : ""}
        {problem.detail ?? "Ask for it again: what is done stays done."}
      </Text>
      {problem.hint && (
        <Text size="sm" c="dimmed" className="break">
          What to do: {problem.hint}
        </Text>
      )}
    </Alert>
  );
}

function Going({ what, of }: { what: string; of: Operation | undefined }) {
  const told = of?.progress as { what?: string; done?: number; total?: number } | null | undefined;
  const share = told?.total ? (100 * (told.done ?? 0)) / told.total : null;
  return (
    <Stack gap={4} role="status">
      <Group gap="xs">
        <Loader size="xs" />
        <Text size="sm">
          {what}: {of?.state === "queued" ? "waits for the work before it" : told?.what ? `${told.what} ${told.done ?? 0}${told.total ? ` of ${told.total}` : ""}` : "has begun"}
        </Text>
        <Anchor href="/gear" size="xs">
          all long work
        </Anchor>
      </Group>
      {share !== null && <Progress value={share} aria-label={`${what}, done`} size="sm" />}
    </Stack>
  );
}

/** Whether the person who is signed in may do an operation, and why not. */
export function useMay(operation: string): { may: boolean; why: string } {
  const me = useMe();
  if (!me.data) return { may: false, why: "It is not known yet who is signed in" };
  const may = me.data.operations.includes(operation);
  return { may, why: may ? "" : `The role ${me.data.role} may not do this` };
}
