/** Plans of each model as a matrix of platform, batch and precision, with parity and latency. */
import { Badge, Card, Group, ScrollArea, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import { many, moment } from "../../parts/Figure";
import { LineageButton, short } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Build } from "./Build";
import { type Plan, QUANTILES, latency, matrices } from "./matrix";

export function Deploy() {
  const asked = useQuery({
    queryKey: ["plans"],
    queryFn: () => data(api.GET("/api/v1/plans", { params: { query: { limit: 1000 } } })),
  });
  const items = asked.data?.items ?? [];
  const bare = items.filter((item) => !item.manifest);
  return (
    <Page title="Deploy" about={asked.data && many(asked.data.count, "plan")} cli={asked.data?.cli} json="/api/v1/plans">
      <Build />
      {asked.isPending && <Waiting what="plans" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="No plans yet" command="ringroad plans build MODEL" />}
      {matrices(items).map((one) => (
        <Card key={one.model} withBorder>
          <Group justify="space-between" mb="xs">
            <Group gap="xs">
              <Title order={2} size="h5">
                {one.names[0] ?? short(one.model)}
              </Title>
              {one.names.slice(1).map((name) => (
                <Badge key={name} variant="light" tt="none">
                  {name}
                </Badge>
              ))}
              <Text size="xs" c="dimmed" className="mono">
                {short(one.model)}
              </Text>
            </Group>
            <LineageButton id={one.model} />
          </Group>
          <ScrollArea>
            <Table aria-label={`plans of ${one.names[0] ?? short(one.model)}`}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Platform, runtime</Table.Th>
                  {one.columns.map((column) => (
                    <Table.Th key={column}>{column}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {one.rows.map((row) => (
                  <Table.Tr key={row.name}>
                    <Table.Td style={{ verticalAlign: "top" }}>
                      <Text size="sm" fw={600}>
                        {row.name}
                      </Text>
                    </Table.Td>
                    {one.columns.map((column) => (
                      <Table.Td key={column} style={{ verticalAlign: "top" }}>
                        <Stack gap="xs">
                          {(row.cells.get(column) ?? []).map((plan) => (
                            <Cell key={plan.id} of={plan} />
                          ))}
                          {!row.cells.has(column) && (
                            <Text size="xs" c="dimmed">
                              not built
                            </Text>
                          )}
                        </Stack>
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollArea>
        </Card>
      ))}
      {bare.length > 0 && <Text size="sm">{many(bare.length, "plan")} came without a manifest: {bare.map((item) => short(item.id)).join(", ")}</Text>}
    </Page>
  );
}

function Cell({ of }: { of: Plan }) {
  const told = of.manifest;
  const timed = latency(of);
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <LineageButton id={of.id} label={short(of.id)} />
        <Text size="xs" c="dimmed">
          {many(told?.threads ?? 1, "thread")}
          {of.made_ns ? `, ${moment(of.made_ns).slice(0, 16)}` : ""}
        </Text>
      </Group>
      <Text size="sm" className="figure">
        {timed
          ? QUANTILES.flatMap((name) => (timed.wall[name] === undefined ? [] : [`${name} ${timed.wall[name].toFixed(2)}`])).join(", ") + " ms"
          : "latency not measured: ringroad plans bench"}
      </Text>
      {timed && (
        <Text size="xs" c="dimmed">
          wall time over {timed.runs} runs{timed.wall["p99.9"] === undefined ? "; p99.9 needs 1,000" : ""}
        </Text>
      )}
      <Text size="sm" className="figure">
        {of.parity ? `parity: cosine ${of.parity.cosine.toFixed(6)}, largest ${of.parity.max_relative.toExponential(1)}` : "parity not measured"}
      </Text>
      {of.parity && told && (
        <Text size="xs" c="dimmed">
          at worst over {many(of.parity.frames, "frame")}; allowed {told.parity.cosine} and {told.parity.relative}
        </Text>
      )}
    </Stack>
  );
}
