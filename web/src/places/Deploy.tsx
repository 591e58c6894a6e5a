/** Plans by platform, batch and precision, with what was measured of them. */
import { Card, Group, ScrollArea, SimpleGrid, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type Schemas } from "../api/ask";
import { api, data } from "../api/client";
import { many } from "../parts/Figure";
import { LineageButton, short } from "../parts/Lineage";
import { Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";

export function Deploy() {
  const asked = useQuery({
    queryKey: ["plans"],
    queryFn: () => data(api.GET("/api/v1/plans", { params: { query: { limit: 200 } } })),
  });
  const items = asked.data?.items ?? [];
  return (
    <Page title="Deploy" about={asked.data && many(asked.data.count, "plan")} cli={asked.data?.cli} json="/api/v1/plans">
      {asked.isPending && <Waiting what="plans" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="No plans yet" command="ringroad plans build MODEL" />}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {items.map((item) => (
          <Plan key={item.id} of={item} />
        ))}
      </SimpleGrid>
    </Page>
  );
}

function Plan({ of }: { of: Schemas["PlanItem"] }) {
  const told = of.manifest;
  const facts: [string, string][] = told
    ? [
        ["runtime", `${told.runtime} ${told.runtime_version}`],
        ["platform", told.platform],
        ["batch", String(told.batch)],
        ["precision", told.precision],
        ["threads", String(told.threads)],
        ["model", short(told.model)],
      ]
    : [];
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Text fw={700} className="mono">
          {short(of.id)}
        </Text>
        <LineageButton id={of.id} />
      </Group>
      {!told && (
        <Text size="sm" c="dimmed">
          It came without a manifest.
        </Text>
      )}
      <ScrollArea>
        <Table verticalSpacing={2} aria-label="plan">
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td w={180} c="dimmed">
                  {name}
                </Table.Td>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
            {of.measurements.map((figure, i) => (
              <Table.Tr key={`${figure.name} ${i}`}>
                <Table.Td c="dimmed">{figure.name}</Table.Td>
                <Table.Td className="figure">
                  {figure.value.toPrecision(4)} {figure.unit}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Card>
  );
}
