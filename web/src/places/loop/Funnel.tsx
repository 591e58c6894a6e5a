/** From raw to used: how much of what was recorded goes on. */
import { Button, Card, Stack, Table, Text, Title, Tooltip } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useFunnel, useMe } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { bytes, count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed } from "../../parts/States";

export function Funnel({ known }: { known: boolean }) {
  const asked = useFunnel(known);
  const missing = !known || Boolean(asked.data?.missing);
  const stages = asked.data?.stages ?? [];
  const whole = Math.max(stages[0]?.frames ?? 0, 1);
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        From raw to used
      </Title>
      {missing ? (
        <Judge />
      ) : (
        asked.error && <Failed error={asked.error} />
      )}
      {stages.length > 0 && (
        <Table verticalSpacing={4} aria-label="from raw to used">
          <Table.Tbody>
            {stages.map((stage) => (
              <Table.Tr key={stage.name}>
                <Table.Td w={90} tt="capitalize">
                  {stage.name}
                </Table.Td>
                <Table.Td>
                  <div aria-hidden style={{ height: 16, width: `${Math.max((100 * stage.frames) / whole, 0.3)}%`, background: "var(--mantine-color-road-6)", borderRadius: 2 }} />
                </Table.Td>
                <Table.Td w={120} ta="right" className="figure">
                  {count(stage.frames)} frames
                </Table.Td>
                <Table.Td w={84} ta="right" className="figure" style={{ whiteSpace: "nowrap" }}>
                  {((100 * stage.frames) / whole).toFixed(1)} %
                </Table.Td>
                <Table.Td w={80} ta="right" className="figure">
                  {bytes(stage.size_bytes)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

/** Nobody judged the recordings yet: who may, can let it be done here. */
function Judge() {
  const me = useMe();
  const cache = useQueryClient();
  const may = me.data?.operations.includes("find_events") ?? false;
  const work = useMutation({
    mutationFn: () => data(api.POST("/api/v1/events", { params: { header: { "Idempotency-Key": idempotencyKey() } }, body: { recordings: [] } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["operations"] }),
  });
  return (
    <Stack gap={6} align="flex-start">
      <Text size="sm" c="dimmed">
        Not known yet: nobody judged what is useful in these recordings.
      </Text>
      <Tooltip label={may ? "Finds events, and how useful each stretch is" : "Your role does not allow it: ask an engineer"}>
        <Button size="compact-sm" variant="light" disabled={!may} loading={work.isPending} onClick={() => work.mutate()}>
          Judge all recordings
        </Button>
      </Tooltip>
      {work.error && <Failed error={work.error} />}
      <CommandLine text="ringroad status --funnel funnel.svg" />
    </Stack>
  );
}
