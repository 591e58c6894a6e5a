/** A drawer on every object: what it was made from, and what was made from it. */
import { Anchor, Badge, Drawer, Group, SegmentedControl, Stack, Text, Timeline, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, data } from "../api/client";
import { Icon } from "./Icon";
import { CommandLine } from "./Page";
import { Failed, Nothing, Waiting } from "./States";
import { duration, moment } from "./Figure";

export function LineageButton({ id, label = "Lineage" }: { id: string; label?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton onClick={() => setOpen(true)} aria-label={label === "Lineage" || label === "" ? `Lineage of ${id}` : `${label}, lineage of ${id}`}>
        <Group gap={4} wrap="nowrap">
          <Icon name="lineage" size={15} />
          <Text size="xs">{label}</Text>
        </Group>
      </UnstyledButton>
      <Drawer opened={open} onClose={() => setOpen(false)} position="right" size="lg" title={`Lineage of ${short(id)}`}>
        {open && <Lineage id={id} />}
      </Drawer>
    </>
  );
}

/** `kind:0123456789` of an artifact's id. */
export function short(id: string): string {
  return id.replace(/([0-9a-f]{10})[0-9a-f]{20,}/g, "$1");
}

interface Made {
  id: string;
  step: string;
  started_ns: number;
  ended_ns: number;
  seed?: number;
}

function Lineage({ id }: { id: string }) {
  const [direction, setDirection] = useState<"up" | "down">("up");
  const [start, setStart] = useState(id);
  const asked = useQuery({
    queryKey: ["lineage", start, direction],
    queryFn: () => data(api.GET("/api/v1/lineage/{id}", { params: { path: { id: start }, query: { direction } } })),
  });
  const runs = (asked.data?.executions ?? []) as unknown as Made[];
  const edges = (asked.data?.edges ?? []) as { execution: string; artifact: string; role: string; direction: string }[];
  return (
    <Stack>
      <SegmentedControl
        value={direction}
        onChange={(value) => setDirection(value as "up" | "down")}
        data={[
          { value: "up", label: "Made from" },
          { value: "down", label: "Went into" },
        ]}
      />
      {start !== id && (
        <Anchor component="button" size="sm" onClick={() => setStart(id)}>
          back to {short(id)}
        </Anchor>
      )}
      {asked.isPending && <Waiting what="lineage" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && runs.length === 0 && (
        <Nothing title={direction === "up" ? "It was given, not made" : "Nothing was made from it yet"} />
      )}
      <Timeline bulletSize={14} lineWidth={2}>
        {[...runs].reverse().map((run) => (
          <Timeline.Item key={run.id} title={<Text size="sm" fw={600}>{run.step}</Text>}>
            <Text size="xs" c="dimmed">
              {moment(run.started_ns)}, {duration(run.ended_ns - run.started_ns)}
              {run.seed ? `, seed ${run.seed}` : ""}
            </Text>
            <Group gap={4} mt={4}>
              {edges
                .filter((edge) => edge.execution === run.id)
                .slice(0, 12)
                .map((edge) => (
                  <Badge
                    key={edge.role + edge.direction}
                    size="xs"
                    variant={edge.direction === "out" ? "filled" : "light"}
                    component="button"
                    onClick={() => setStart(edge.artifact)}
                    title={edge.artifact}
                    style={{ cursor: "pointer" }}
                  >
                    {edge.direction === "out" ? "→ " : ""}
                    {edge.role}
                  </Badge>
                ))}
            </Group>
          </Timeline.Item>
        ))}
      </Timeline>
      {asked.data && <CommandLine text={asked.data.cli} />}
    </Stack>
  );
}
