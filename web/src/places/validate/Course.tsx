/** One KPI over time, with its intervals: of every evaluation, or of what a name pointed at. */
import { Anchor, Card, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import type { Schemas } from "../../api/ask";
import { api, data } from "../../api/client";
import { Figure, moment } from "../../parts/Figure";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { modelNames, useAliases } from "./ask";

type Point = Schemas["KpiPoint"];

export function Course() {
  const search = useSearch({ from: "/validate" });
  const go = useNavigate();
  const { metric = "AP50", category = "all", slice = "all", alias, dataset } = search;
  const aliases = useAliases();
  const models = (aliases.data?.items ?? []).filter((item) => /^(model|onnx):/.test(item.artifact)).map((item) => item.name);
  const asked = useQuery({
    queryKey: ["course", metric, category, slice, alias, dataset],
    queryFn: () => data(api.GET("/api/v1/kpis", { params: { query: { metric, category, slice, ...(alias ? { alias } : {}), ...(dataset ? { dataset } : {}) } } })),
  });
  const points = asked.data?.points ?? [];
  const last = points.findLast((point) => point.evaluation)?.evaluation ?? "";
  const known = useQuery({
    queryKey: ["evaluation", last],
    enabled: Boolean(last),
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/evaluations/{id}", { params: { path: { id: last } } })),
  });
  const words = (column: "metric" | "category" | "slice", chosen: string) => [...new Set([chosen, ...(known.data?.kpis ?? []).map((kpi) => kpi[column])])];
  const datasets = [...new Set(points.flatMap((point) => (point.dataset ? [point.dataset] : [])))];
  const look = (more: Record<string, string | undefined>) => void go({ to: "/validate", search: { ...search, ...more }, replace: true, resetScroll: false });
  return (
    <Stack>
      <Group align="flex-end">
        <Select label="Of" w={240} placeholder="every evaluation" clearable searchable data={models} value={alias ?? null} onChange={(value) => look({ alias: value ?? undefined })} />
        <Select label="Metric" w={110} data={words("metric", metric)} value={metric} allowDeselect={false} onChange={(value) => look({ metric: value ?? undefined })} />
        <Select label="Category" w={150} data={words("category", category)} value={category} allowDeselect={false} onChange={(value) => look({ category: value ?? undefined })} />
        <Select label="Slice" w={120} data={words("slice", slice)} value={slice} allowDeselect={false} onChange={(value) => look({ slice: value ?? undefined })} />
        <Select label="On the test rows of" w={220} clearable placeholder="any version" data={[...new Set([...(dataset ? [dataset] : []), ...datasets])].map((id) => ({ value: id, label: id.slice(0, 18) }))} value={dataset ?? null} onChange={(value) => look({ dataset: value ?? undefined })} />
      </Group>
      {asked.isPending && <Waiting what="KPIs over time" />}
      {asked.error && <Failed error={asked.error} />}
      {asked.data && points.length === 0 && <Nothing title="Nothing was evaluated yet" command="ringroad evaluate --model M --truth DATASET" />}
      {points.length > 0 && <Chart of={points} label={`${metric} of ${category} on ${slice} over time`} />}
      {points.length > 0 && datasets.length > 1 && (
        <Text size="sm" c="dimmed">
          They were scored on {datasets.length} dataset versions. Compare only figures of one: choose it above.
        </Text>
      )}
      {points.length > 0 && <Points of={points} />}
    </Stack>
  );
}

const HEIGHT = 240;
const LEFT = 44;

function Chart({ of, label }: { of: readonly Point[]; label: string }) {
  const { ref, width } = useElementSize();
  const inner = Math.max(width - LEFT - 16, 100);
  const x = (at: number) => LEFT + (of.length > 1 ? (inner * at) / (of.length - 1) : inner / 2);
  const y = (value: number) => 12 + (HEIGHT - 44) * (1 - value);
  const known = of.flatMap((point, at) => (point.kpi?.value !== null && point.kpi?.value !== undefined ? [{ at, kpi: point.kpi, value: point.kpi.value }] : []));
  return (
    <Card withBorder p="xs">
      <div ref={ref}>
        <svg width="100%" height={HEIGHT} role="img" aria-label={label}>
          {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={LEFT + inner} y1={y(tick)} y2={y(tick)} stroke="var(--mantine-color-default-border)" />
              <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" fontSize="11" fill="currentColor">
                {tick}
              </text>
            </g>
          ))}
          <polyline points={known.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ")} fill="none" stroke="var(--mantine-primary-color-filled)" strokeWidth="1.5" opacity="0.6" />
          {known.map(({ at, kpi, value }) => (
            <g key={at}>
              {kpi.low !== null && kpi.low !== undefined && kpi.high !== null && kpi.high !== undefined && (
                <line x1={x(at)} x2={x(at)} y1={y(kpi.low)} y2={y(kpi.high)} stroke="var(--mantine-primary-color-filled)" strokeWidth="5" opacity="0.35" strokeLinecap="round" />
              )}
              <circle cx={x(at)} cy={y(value)} r="4" fill="var(--mantine-primary-color-filled)" />
            </g>
          ))}
          {of.map((point, at) =>
            of.length <= 8 || at % Math.ceil(of.length / 8) === 0 ? (
              <text key={at} x={x(at)} y={HEIGHT - 8} fontSize="11" textAnchor={of.length === 1 ? "middle" : at === 0 ? "start" : at === of.length - 1 ? "end" : "middle"} fill="currentColor">
                {moment(point.at_ns).slice(5, 16)}
              </text>
            ) : null,
          )}
        </svg>
      </div>
    </Card>
  );
}

function Points({ of }: { of: readonly Point[] }) {
  return (
    <Table aria-label="KPIs over time" verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When (UTC)</Table.Th>
          <Table.Th>Model</Table.Th>
          <Table.Th>Dataset version</Table.Th>
          <Table.Th>KPI</Table.Th>
          <Table.Th>From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...of].reverse().map((point, i) => (
          <Table.Tr key={`${point.at_ns} ${point.evaluation ?? i}`}>
            <Table.Td className="figure">{moment(point.at_ns)}</Table.Td>
            <Table.Td>{modelNames(point.names, point.models)}</Table.Td>
            <Table.Td className="mono">{point.dataset?.slice(8, 18) ?? ""}</Table.Td>
            <Table.Td>{point.kpi ? <Figure of={point.kpi} /> : <Text size="sm" c="dimmed">not evaluated</Text>}</Table.Td>
            <Table.Td>
              {point.evaluation && (
                <Anchor renderRoot={(props) => <Link to="/validate/frames" search={{ evaluation: point.evaluation ?? "", category: point.kpi?.category, slice: point.kpi?.slice }} {...props} />} size="sm">
                  its frames
                </Anchor>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
