/** Training runs as a table first; curves of those that are ticked; model versions and their names. */
import { Badge, Card, Checkbox, Group, ScrollArea, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { api, data } from "../api/client";
import { Curve } from "../parts/Curve";
import { bytes, count, moment } from "../parts/Figure";
import { LineageButton, short } from "../parts/Lineage";
import { differingParameters, shown } from "../parts/parameters";
import { Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";

const MOST = 8;

export function Train() {
  const asked = useQuery({
    queryKey: ["training-runs"],
    queryFn: () => data(api.GET("/api/v1/training-runs", { params: { query: { limit: 1000 } } })),
  });
  const go = useNavigate();
  const ticked = (useSearch({ from: "/train" }).runs ?? "").split(",").filter(Boolean);
  const runs = asked.data?.items ?? [];
  const differing = useMemo(() => differingParameters(runs), [runs]);
  const tick = (id: string) => {
    const next = ticked.includes(id) ? ticked.filter((other) => other !== id) : [...ticked, id].slice(-MOST);
    void go({ to: "/train", search: { runs: next.join(",") || undefined }, replace: true });
  };
  return (
    <Page title="Train" about={asked.data && `${count(asked.data.count)} training runs, newest first; tick some to compare`} cli={asked.data?.cli} json="/api/v1/training-runs">
      {asked.isPending && <Waiting what="training runs" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && runs.length === 0 && <Nothing title="Nothing was trained yet" command="ringroad train DATASET" />}
      {runs.length > 0 && (
        <ScrollArea.Autosize mah={420}>
          <Table stickyHeader highlightOnHover aria-label="training runs" miw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={36} />
                <Table.Th>Run</Table.Th>
                <Table.Th>Dataset</Table.Th>
                <Table.Th>Seed</Table.Th>
                {differing.map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
                <Table.Th>Took</Table.Th>
                <Table.Th>Began (UTC)</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {runs.map((run) => (
                <Table.Tr key={run.id} bg={ticked.includes(run.id) ? "var(--mantine-primary-color-light)" : undefined}>
                  <Table.Td>
                    <Checkbox size="xs" checked={ticked.includes(run.id)} onChange={() => tick(run.id)} aria-label={`compare ${short(run.id)}`} />
                  </Table.Td>
                  <Table.Td>
                    <Group gap={6}>
                      <span className="mono">{run.id.slice(0, 10)}</span>
                      {run.names.map((name) => (
                        <Badge key={name} size="xs" variant="light" tt="none">
                          {name}
                        </Badge>
                      ))}
                    </Group>
                  </Table.Td>
                  <Table.Td className="mono">{run.dataset ? short(run.dataset) : ""}</Table.Td>
                  <Table.Td className="figure">{run.seed}</Table.Td>
                  {differing.map((name) => (
                    <Table.Td key={name} className="figure">
                      {shown(run.parameters[name])}
                    </Table.Td>
                  ))}
                  <Table.Td className="figure">{run.seconds.toFixed(1)} s</Table.Td>
                  <Table.Td className="figure">{moment(run.started_ns)}</Table.Td>
                  <Table.Td>
                    <LineageButton id={run.model} label="" />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
      {ticked.length > 0 && <Curves ids={ticked} />}
      <Models />
    </Page>
  );
}

type Point = Record<string, unknown>;

function Curves({ ids }: { ids: string[] }) {
  const asked = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["training-run", id],
      queryFn: () => data(api.GET("/api/v1/training-runs/{id}", { params: { path: { id } } })),
      staleTime: Infinity,
    })),
  });
  const found = asked.flatMap((one) => (one.data ? [one.data] : []));
  const metrics = [...new Set(found.flatMap((one) => (one.curve as Point[]).flatMap((point) => Object.keys(point))))].filter(
    (name) => !["step", "epoch"].includes(name),
  );
  const [metric, setMetric] = useState<string | null>(null);
  const chosen = metric ?? metrics.find((name) => name.includes("loss")) ?? metrics[0] ?? null;
  const { x, series } = useMemo(() => {
    const long = Math.max(0, ...found.map((one) => one.curve.length));
    return {
      x: Array.from({ length: long }, (_, i) => i + 1),
      series: found.map((one) => ({
        label: one.run.names[0] ?? one.run.id.slice(0, 10),
        values: Array.from({ length: long }, (_, i) => {
          const value = chosen ? (one.curve[i] as Point | undefined)?.[chosen] : undefined;
          return typeof value === "number" ? value : null;
        }),
      })),
    };
  }, [found.length, chosen]); // eslint-disable-line react-hooks/exhaustive-deps
  const failed = asked.find((one) => one.error);
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Title order={2} size="h5">
          Curves
        </Title>
        <Select size="xs" aria-label="figure" data={metrics} value={chosen} onChange={setMetric} allowDeselect={false} />
      </Group>
      {failed && <Failed error={failed.error} />}
      {x.length > 0 && chosen && <Curve x={x} series={series} height={240} xLabel="" label={`${chosen} by epoch`} />}
    </Card>
  );
}

function Models() {
  const asked = useQuery({
    queryKey: ["models"],
    queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 500 } } })),
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Model versions
      </Title>
      {asked.error && <Failed error={asked.error} />}
      <Table aria-label="model versions">
        <Table.Tbody>
          {(asked.data?.items ?? []).map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td className="mono">{short(item.id)}</Table.Td>
              <Table.Td>
                {item.names.map((name) => (
                  <Badge key={name} size="sm" variant="light" tt="none" mr={4}>
                    {name}
                  </Badge>
                ))}
              </Table.Td>
              <Table.Td className="figure">{bytes(item.size_bytes)}</Table.Td>
              <Table.Td>
                <LineageButton id={item.id} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {asked.data?.items.length === 0 && <Text size="sm" c="dimmed">None yet.</Text>}
    </Stack>
  );
}
