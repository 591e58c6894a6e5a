/** Dataset versions as a history, what one holds, and what changed between two. */
import { Badge, Button, Card, Grid, Group, Select, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { type Schemas } from "../api/ask";
import { api, data } from "../api/client";
import { count } from "../parts/Figure";
import { LineageButton, short } from "../parts/Lineage";
import { CommandLine, Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";
import { Synthetic } from "./Recordings";

type Item = Schemas["DatasetItem"];

export function Datasets() {
  const { from, to } = useSearch({ from: "/datasets" });
  const go = useNavigate();
  const asked = useQuery({
    queryKey: ["datasets"],
    queryFn: () => data(api.GET("/api/v1/datasets", { params: { query: { limit: 500 } } })),
  });
  const items = [...(asked.data?.items ?? [])].reverse();
  const options = items.map((item) => ({ value: item.id, label: called(item) }));
  return (
    <Page title="Datasets" about={asked.data && `${count(asked.data.count)} versions, newest first`} cli={asked.data?.cli} json="/api/v1/datasets">
      {asked.isPending && <Waiting what="datasets" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="No dataset versions yet" command="ringroad datasets create NAME --from all" />}
      {items.length > 1 && (
        <Group align="flex-end">
          <Select label="From" data={options} value={from ?? null} onChange={(value) => void go({ to: "/datasets", search: { from: value ?? undefined, to } })} searchable clearable w={260} />
          <Select label="To" data={options} value={to ?? null} onChange={(value) => void go({ to: "/datasets", search: { from, to: value ?? undefined } })} searchable clearable w={260} />
          {!(from && to) && items[0] && items[1] && (
            <Button variant="light" onClick={() => void go({ to: "/datasets", search: { from: items[1]?.id, to: items[0]?.id } })}>
              The last two
            </Button>
          )}
        </Group>
      )}
      {from && to && <Difference from={from} to={to} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {items.map((item) => (
          <Version key={item.id} of={item} />
        ))}
      </SimpleGrid>
    </Page>
  );
}

function called(item: Item): string {
  return `${item.names[0] ?? item.header.name} ${short(item.id).split(":")[1] ?? ""}`;
}

function Version({ of }: { of: Item }) {
  return (
    <Card withBorder>
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs">
          <Text fw={700}>{of.header.name}</Text>
          {of.names.map((name) => (
            <Badge key={name} variant="light" size="sm" tt="none">
              {name}
            </Badge>
          ))}
          {of.header.synthetic && <Synthetic />}
        </Group>
        <LineageButton id={of.id} />
      </Group>
      <Text size="xs" className="mono" c="dimmed">
        {short(of.id)}
      </Text>
      <Grid mt="xs" gap="xs">
        <Grid.Col span={7}>
          <Table verticalSpacing={2} aria-label={`splits of ${called(of)}`}>
            <Table.Tbody>
              {Object.entries(of.splits).map(([split, parts]) => (
                <Table.Tr key={split}>
                  <Table.Td>{split}</Table.Td>
                  <Table.Td className="figure">{count(Object.values(parts).reduce((a, b) => a + b, 0))}</Table.Td>
                  <Table.Td>
                    <Text size="xs" c="dimmed">
                      {Object.entries(parts)
                        .map(([condition, many]) => `${condition || "unknown"} ${many}`)
                        .join(", ")}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Grid.Col>
        <Grid.Col span={5}>
          <Stack gap={2}>
            <Text size="xs">annotated: {of.header.categories.join(", ")}</Text>
            <Text size="xs">tasks: {of.header.tasks.join(", ")}</Text>
            <Text size="xs">unit: {of.header.unit}</Text>
            {of.header.query && (
              <Text size="xs" className="break">
                query: <span className="mono">{of.header.query}</span>
              </Text>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
      {of.names[0] && <AppendCall name={of.names[0].replace("dataset:", "")} parent={of.id} />}
    </Card>
  );
}

/** The call that appends a version on top of this one, and of no other. */
function AppendCall({ name, parent }: { name: string; parent: string }) {
  const call = (id: string) =>
    `curl -X POST ${window.location.origin}/api/v1/datasets/${name} -H 'If-Match: "${id}"' -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' -d '{"selection": "NAME"}'`;
  return <CommandLine text={call(parent)} shown={`POST /api/v1/datasets/${name}, If-Match: "${short(parent)}…"`} />;
}

type Shifts = Record<string, Record<string, { before: number; after: number }>>;

function Difference({ from, to }: { from: string; to: string }) {
  const asked = useQuery({
    queryKey: ["diff", from, to],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/diff", { params: { path: { id: from }, query: { to } } })),
  });
  if (asked.isPending) return <Waiting what="difference" />;
  if (asked.error) return <Failed error={asked.error} />;
  const told = asked.data;
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        What changed
      </Title>
      <Group gap="lg" my="xs">
        {Object.entries(told.counts).map(([what, many]) => (
          <Text key={what} size="sm">
            <b className="figure">{count(many)}</b> {what}
          </Text>
        ))}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <ShiftTable title="Frames" of={told.frames as Shifts} />
        <ShiftTable title="Boxes" of={told.boxes as Shifts} />
      </SimpleGrid>
      <CommandLine text={told.cli} />
    </Card>
  );
}

function ShiftTable({ title, of }: { title: string; of: Shifts }) {
  const rows = Object.entries(of).flatMap(([split, parts]) => Object.entries(parts).map(([what, shift]) => ({ split, what, ...shift })));
  const most = Math.max(1, ...rows.map((row) => Math.max(row.before, row.after)));
  if (rows.length === 0) return null;
  return (
    <Table verticalSpacing={2} aria-label={title}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{title}</Table.Th>
          <Table.Th>before</Table.Th>
          <Table.Th>after</Table.Th>
          <Table.Th w={120} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.split + row.what}>
            <Table.Td>
              {row.split} {row.what || "unknown"}
            </Table.Td>
            <Table.Td className="figure">{count(row.before)}</Table.Td>
            <Table.Td className="figure">{count(row.after)}</Table.Td>
            <Table.Td>
              <div style={{ height: 5, width: `${(100 * row.before) / most}%`, background: "var(--mantine-color-gray-5)" }} />
              <div style={{ height: 5, width: `${(100 * row.after) / most}%`, background: "var(--mantine-primary-color-filled)" }} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
