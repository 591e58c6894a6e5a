/** KPIs by slice with intervals, and gates with the frames that decided. */
import { Badge, Card, Group, SegmentedControl, Select, SimpleGrid, Stack, Table, Text, Title, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { picture, type Schemas } from "../api/ask";
import { api, data } from "../api/client";
import { Figure, many, moment } from "../parts/Figure";
import { LineageButton, short } from "../parts/Lineage";
import { Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";

type Kpi = Schemas["Kpi"];

export function Validate() {
  const { evaluation } = useSearch({ from: "/validate" });
  const go = useNavigate();
  const asked = useQuery({
    queryKey: ["evaluations"],
    queryFn: () => data(api.GET("/api/v1/evaluations", { params: { query: { limit: 500 } } })),
  });
  const items = [...(asked.data?.items ?? [])].reverse();
  const at = items.find((item) => item.id === evaluation) ?? items[0];
  return (
    <Page title="Validate" about={asked.data && many(asked.data.count, "evaluation")} cli={asked.data?.cli} json="/api/v1/evaluations">
      <Gates />
      {asked.isPending && <Waiting what="evaluations" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="Nothing was evaluated yet" command="ringroad evaluate --model M --truth DATASET" />}
      {at && (
        <Group align="flex-end" justify="space-between">
          <Select
            label="Evaluation"
            w={380}
            value={at.id}
            allowDeselect={false}
            data={items.map((item) => ({
              value: item.id,
              label: `${short(item.models[0] ?? item.id)}${item.made_ns ? `, ${moment(item.made_ns)}` : ""}`,
            }))}
            onChange={(value) => void go({ to: "/validate", search: { evaluation: value ?? undefined } })}
          />
          <Group>
            {at.dataset && <LineageButton id={at.dataset} label={short(at.dataset)} />}
            <LineageButton id={at.id} label="Lineage of these KPIs" />
          </Group>
        </Group>
      )}
      {at && <Kpis id={at.id} />}
    </Page>
  );
}

function Kpis({ id }: { id: string }) {
  const asked = useQuery({
    queryKey: ["evaluation", id],
    queryFn: () => data(api.GET("/api/v1/evaluations/{id}", { params: { path: { id } } })),
    staleTime: Infinity,
  });
  const [metric, setMetric] = useState("AP50");
  if (asked.isPending) return <Waiting what="KPIs" />;
  if (asked.error) return <Failed error={asked.error} />;
  const kpis = asked.data.kpis;
  const metrics = [...new Set(kpis.map((kpi) => kpi.metric))];
  const shown = kpis.filter((kpi) => kpi.metric === (metrics.includes(metric) ? metric : metrics[0]));
  const slices = [...new Set(shown.map((kpi) => kpi.slice))];
  const categories = [...new Set(shown.map((kpi) => kpi.category))];
  const cell = new Map(shown.map((kpi) => [`${kpi.category} ${kpi.slice}`, kpi]));
  const one = shown[0];
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <SegmentedControl size="xs" data={metrics} value={metrics.includes(metric) ? metric : (metrics[0] ?? "")} onChange={setMetric} />
        {one && (
          <Text size="xs" c="dimmed">
            {Math.round(one.confidence * 100)} % intervals, unit: {one.unit}
          </Text>
        )}
      </Group>
      <Table aria-label="KPIs by category and slice">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Category</Table.Th>
            {slices.map((slice) => (
              <Table.Th key={slice}>{slice}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {categories.map((category) => (
            <Table.Tr key={category} fw={category === "all" ? 700 : 400}>
              <Table.Td>{category}</Table.Td>
              {slices.map((slice) => {
                const kpi = cell.get(`${category} ${slice}`);
                return <Table.Td key={slice}>{kpi && <KpiCell of={kpi} />}</Table.Td>;
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function KpiCell({ of }: { of: Kpi }) {
  const note = `${many(of.units, of.unit)}, ${many(of.frames, "frame")}, ${many(of.truths, "thing")}`;
  return (
    <Tooltip label={note}>
      <div>
        <Figure of={of} />
        {of.value !== null && (
          <svg width="110" height="8" aria-hidden style={{ display: "block", overflow: "visible" }}>
            <line x1="0" x2="110" y1="4" y2="4" stroke="var(--mantine-color-default-border)" />
            {of.low !== null && of.high !== null && (
              <line x1={110 * of.low} x2={110 * of.high} y1="4" y2="4" stroke="var(--mantine-primary-color-filled)" strokeWidth="3" opacity="0.5" />
            )}
            <circle cx={110 * of.value} cy="4" r="3" fill="var(--mantine-primary-color-filled)" />
          </svg>
        )}
      </div>
    </Tooltip>
  );
}

const COLOUR: Record<string, string> = { PASS: "green", FAIL: "red", INCONCLUSIVE: "yellow" };

function Gates() {
  const asked = useQuery({
    queryKey: ["gates"],
    queryFn: () => data(api.GET("/api/v1/gates", { params: { query: { limit: 100 } } })),
  });
  const items = [...(asked.data?.items ?? [])].reverse();
  if (asked.error) return <Failed error={asked.error} />;
  if (items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Gates
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {items.map(({ id, made_ns, result }) => (
          <Card key={id} withBorder>
            <Group justify="space-between" wrap="nowrap">
              <Group gap="xs">
                <Badge color={COLOUR[result.verdict] ?? "gray"}>{result.verdict}</Badge>
                <Text fw={600}>{result.gate.name}</Text>
              </Group>
              <LineageButton id={id} />
            </Group>
            <Text size="sm" mt={4}>
              {result.gate.metric} of {result.gate.category} on {result.gate.slice} at least {result.gate.minimum}:{" "}
              {result.kpi && <Figure of={result.kpi} />}
            </Text>
            <Text size="xs" c="dimmed">
              {result.reason}
              {made_ns ? ` · ${moment(made_ns)}` : ""}
            </Text>
            {result.frames.length > 0 && (
              <>
                <Text size="xs" mt="xs">
                  Frames that decided
                </Text>
                <Group gap={4} mt={4}>
                  {result.frames.slice(0, 8).map((frame) => (
                    <Link key={frame} to="/curate" search={{ like: frame }} aria-label={`frames like ${frame}`}>
                      <img src={picture(frame, "proxy", 160)} alt={frame} title={frame} width={104} style={{ borderRadius: 3, display: "block" }} loading="lazy" />
                    </Link>
                  ))}
                </Group>
              </>
            )}
          </Card>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
