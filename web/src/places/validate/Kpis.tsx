/** All KPIs of one evaluation by category and slice; each leads to the frames that it comes from. */
import { Anchor, Card, Group, SegmentedControl, Select, Stack, Table, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { api, data } from "../../api/client";
import { Figure, many, moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { type Evaluation, type Kpi, modelNames } from "./ask";
import { CheckGate } from "./CheckGate";

export function Kpis({ of }: { of: readonly Evaluation[] }) {
  const search = useSearch({ from: "/validate" });
  const go = useNavigate();
  const at = of.find((item) => item.id === search.evaluation) ?? of[0];
  if (!at) return null;
  return (
    <Stack>
      <Group align="flex-end" justify="space-between">
        <Select
          label="Evaluation"
          w={460}
          searchable
          value={at.id}
          allowDeselect={false}
          data={of.map((item) => ({ value: item.id, label: `${modelNames(item.names, item.versions)}, ${item.made_ns ? moment(item.made_ns).slice(0, 16) : "when is unknown"}, on ${item.dataset?.slice(8, 16) ?? "?"}` }))}
          onChange={(value) => void go({ to: "/validate", search: { ...search, evaluation: value ?? undefined } })}
        />
        <Group>
          {at.dataset && (
            <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: at.dataset ?? "" }} search={{ tab: "test" }} {...props} />} size="sm">
              Its test rows
            </Anchor>
          )}
          <LineageButton id={at.id} label="Lineage of these KPIs" />
        </Group>
      </Group>
      <Told key={at.id} id={at.id} />
    </Stack>
  );
}

function Told({ id }: { id: string }) {
  const search = useSearch({ from: "/validate" });
  const go = useNavigate();
  const asked = useQuery({
    queryKey: ["evaluation", id],
    queryFn: () => data(api.GET("/api/v1/evaluations/{id}", { params: { path: { id } } })),
    staleTime: Infinity,
  });
  if (asked.isPending) return <Waiting what="KPIs" />;
  if (asked.error) return <Failed error={asked.error} />;
  const kpis = asked.data.kpis;
  const metrics = [...new Set(kpis.map((kpi) => kpi.metric))];
  const metric = metrics.find((name) => name === search.metric) ?? metrics[0] ?? "";
  const shown = kpis.filter((kpi) => kpi.metric === metric);
  const slices = [...new Set(shown.map((kpi) => kpi.slice))];
  const categories = [...new Set(shown.map((kpi) => kpi.category))];
  const cell = new Map(shown.map((kpi) => [`${kpi.category} ${kpi.slice}`, kpi]));
  const one = shown[0];
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <SegmentedControl size="xs" data={metrics} value={metric} onChange={(value) => void go({ to: "/validate", search: { ...search, metric: value }, replace: true })} />
        {one && (
          <Text size="xs" c="dimmed">
            {Math.round(one.confidence * 100)} % intervals over units, unit: {one.unit}. A figure leads to its frames.
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
                return (
                  <Table.Td key={slice}>
                    {kpi && kpi.frames > 0 && (
                      <Anchor renderRoot={(props) => <Link to="/validate/frames" search={{ evaluation: id, category, slice }} {...props} />} underline="never" c="inherit">
                        <VisuallyHidden>
                          frames of {category}, {slice}:{" "}
                        </VisuallyHidden>
                        <KpiCell of={kpi} />
                      </Anchor>
                    )}
                    {kpi && kpi.frames === 0 && <Figure of={kpi} note="The test rows have no such frame" />}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="space-between" mt="sm">
        <CheckGate evaluation={id} kpis={kpis} />
        <CommandLine text={asked.data.cli} shown={asked.data.cli.slice(0, 48)} />
      </Group>
    </Card>
  );
}

export function KpiCell({ of }: { of: Kpi }) {
  const note = `${many(of.units, of.unit)}, ${many(of.frames, "frame")}, ${many(of.truths, "thing")}`;
  return (
    <Tooltip label={note}>
      <div>
        <Figure of={of} />
        {of.value !== null && of.value !== undefined && <Interval of={of} />}
        <Text size="xs" c="dimmed">
          {many(of.truths, "thing")} in {many(of.frames, "frame")}
        </Text>
      </div>
    </Tooltip>
  );
}

/** A KPI between 0 and 1 with its interval, and a minimum where there is one. */
export function Interval({ of, minimum, width = 110 }: { of: Kpi; minimum?: number; width?: number }) {
  return (
    <svg width={width} height="10" aria-hidden style={{ display: "block", overflow: "visible" }}>
      <line x1="0" x2={width} y1="5" y2="5" stroke="var(--mantine-color-default-border)" strokeWidth="2" />
      {of.low !== null && of.low !== undefined && of.high !== null && of.high !== undefined && (
        <line x1={width * of.low} x2={width * of.high} y1="5" y2="5" stroke="var(--mantine-primary-color-filled)" strokeWidth="4" opacity="0.5" />
      )}
      {of.value !== null && of.value !== undefined && <circle cx={width * of.value} cy="5" r="3.5" fill="var(--mantine-primary-color-filled)" />}
      {minimum !== undefined && <line x1={width * minimum} x2={width * minimum} y1="-2" y2="12" stroke="currentColor" strokeWidth="1.5" />}
    </svg>
  );
}
