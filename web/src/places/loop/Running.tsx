/** Long work that runs or waits, as it goes. */
import { Badge, Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useAllowed, type Schemas } from "../../api/ask";
import { api, data } from "../../api/client";
import { duration, moment } from "../../parts/Figure";
import { Failed } from "../../parts/States";
import { OVER } from "../../parts/Work";
import { useLive, useNewest } from "./ask";

type Operation = Schemas["OperationTold"]["operation"];

const COLOUR: Record<string, string> = { done: "green", failed: "red", cancelled: "gray", interrupted: "orange", running: "road", queued: "gray" };

export function Running() {
  const may = useAllowed("list_operations");
  const asked = useNewest();
  const items = (asked.data?.items ?? []) as Operation[];
  const busy = items.filter((item) => !OVER.has(item.state));
  const past = items.filter((item) => OVER.has(item.state)).slice(0, 4);
  return (
    <Card withBorder h="100%">
      <Title order={2} size="h5" mb="xs">
        Running now
      </Title>
      {!may && (
        <Text size="sm" c="dimmed">
          Long work is not told to who draws.
        </Text>
      )}
      {asked.error && <Failed error={asked.error} />}
      {asked.data && busy.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing runs.
        </Text>
      )}
      <Stack gap="sm">
        {busy.map((item) => (
          <One key={item.id} of={item} />
        ))}
        {past.map((item) => (
          <Group key={item.id} gap="xs" wrap="nowrap">
            <Badge size="xs" variant="light" color={COLOUR[item.state] ?? "gray"}>
              {item.state}
            </Badge>
            <Text size="xs" truncate flex={1} title={(item.problem as { detail?: string } | null)?.detail ?? ""}>
              {item.kind}
              {item.problem ? `: ${String((item.problem as { detail?: string }).detail)}` : ""}
            </Text>
            <Text size="xs" c="dimmed" className="figure">
              {item.ended_ns ? `${moment(item.ended_ns)}, ${duration(item.ended_ns - (item.started_ns ?? item.ended_ns))}` : ""}
            </Text>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function One({ of }: { of: Operation }) {
  const live = useLive(of.id, of.state);
  const cache = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => data(api.POST("/api/v1/operations/{id}:cancel", { params: { path: { id: of.id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: ["operations"] }),
  });
  const share = live.total ? (100 * live.done) / live.total : 100;
  return (
    <Stack gap={3} aria-live="polite">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {of.kind}
          </Text>
          <Badge size="xs" variant="light" color={COLOUR[live.state] ?? "gray"}>
            {live.state}
          </Badge>
        </Group>
        <Button size="compact-xs" variant="subtle" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()} aria-label={`Cancel ${of.kind}`}>
          Cancel
        </Button>
      </Group>
      <Progress value={share} animated={live.state === "running"} aria-label={`progress of ${of.kind}`} />
      <Text size="xs" c="dimmed" truncate>
        {live.what ? `${live.what}${live.total ? `, ${live.done} of ${live.total}` : ""}` : live.last || "waiting for its turn"}
      </Text>
    </Stack>
  );
}
