/** Training runs beside each other: parameters that differ, KPIs with intervals, curves. */
import { Alert, Anchor, Card, Group, ScrollArea, SegmentedControl, Table, Text, Title } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Figure, moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { shown } from "../../parts/parameters";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Better } from "./Better";
import { Curves } from "./Curves";
import { type Comparison, type Kpi, called, useComparison } from "./ask";

export function Compare() {
  const { runs = "" } = useSearch({ from: "/train/compare" });
  const ids = runs.split(",").filter(Boolean);
  const asked = useComparison(ids);
  if (ids.length === 0) return <Nothing title="Name some training runs">Tick them under Train.</Nothing>;
  return (
    <Page title={ids.length === 1 ? "One training run" : `${ids.length} training runs`} about={<Anchor renderRoot={(props) => <Link to="/train" search={{ runs }} {...props} />} size="sm">All training runs</Anchor>} cli={asked.data?.cli} json={`/api/v1/training-runs/comparison?${ids.map((id) => `run=${id}`).join("&")}`}>
      {asked.isPending && <Waiting what="comparison" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Parameters of={asked.data} />}
      {asked.data && <Kpis of={asked.data} />}
      {asked.data && <Better of={asked.data} />}
      <Curves ids={ids} height={300} />
    </Page>
  );
}

function Heads({ of }: { of: Comparison }) {
  return (
    <>
      {of.runs.map((run) => (
        <Table.Th key={run.id}>
          <Text size="sm" fw={700} className={run.names.length ? "" : "mono"}>
            {called(run)}
          </Text>
        </Table.Th>
      ))}
    </>
  );
}

function Parameters({ of }: { of: Comparison }) {
  const equal = Object.entries(of.equal);
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {of.runs.length > 1 ? "What they differ in" : "Parameters"}
      </Title>
      <ScrollArea>
        <Table aria-label="parameters that differ" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={190}>Parameter</Table.Th>
              <Heads of={of} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(of.runs.length > 1 ? of.parameters : Object.fromEntries(equal.map(([name, value]) => [name, [value]]))).map(([name, values]) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                {values.map((value, i) => (
                  <Table.Td key={i} className="figure break">
                    {name === "dataset" && typeof value === "string" ? (
                      <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: value }} {...props} />} size="sm" className="mono">
                        {value.slice(8, 18)}
                      </Anchor>
                    ) : (
                      shown(value)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
            <Table.Tr>
              <Table.Td>took</Table.Td>
              {of.runs.map((run) => (
                <Table.Td key={run.id} className="figure">
                  {run.seconds.toFixed(1)} s
                </Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Td>last loss</Table.Td>
              {of.runs.map((run) => (
                <Table.Td key={run.id} className="figure">
                  {run.loss === null || run.loss === undefined ? "no curve" : run.loss.toPrecision(4)}
                </Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Td>began (UTC)</Table.Td>
              {of.runs.map((run) => (
                <Table.Td key={run.id} className="figure">
                  {moment(run.started_ns)}
                </Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Td>made from</Table.Td>
              {of.runs.map((run) => (
                <Table.Td key={run.id}>
                  <LineageButton id={run.model} />
                </Table.Td>
              ))}
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </ScrollArea>
      {of.runs.length > 1 && equal.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs" className="break">
          Alike in all: {equal.map(([name, value]) => `${name} ${shown(value)}`).join(", ")}
        </Text>
      )}
    </Card>
  );
}

function Kpis({ of }: { of: Comparison }) {
  const { metric: wanted } = useSearch({ from: "/train/compare" });
  const go = useNavigate();
  const metrics = [...new Set(of.kpis.map((row) => row.metric))];
  const metric = metrics.find((name) => name === wanted) ?? metrics[0] ?? "";
  const rows = of.kpis.filter((row) => row.metric === metric);
  const first = rows.flatMap((row) => row.values).find((value) => value);
  if (rows.length === 0) {
    return (
      <Alert color="gray" variant="outline" title="None of them was evaluated">
        Evaluate their models on one dataset version: ringroad evaluate --model M --truth DATASET
      </Alert>
    );
  }
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          KPIs on the test rows of <span className="mono">{of.dataset?.slice(8, 18)}</span>
        </Title>
        <Group>
          <Text size="xs" c="dimmed">
            {first ? `${Math.round(first.confidence * 100)} % intervals, unit: ${first.unit}` : ""}
          </Text>
          <SegmentedControl size="xs" data={metrics} value={metric} onChange={(value) => void go({ to: "/train/compare", search: (was) => ({ ...was, metric: value }), replace: true, resetScroll: false })} />
        </Group>
      </Group>
      <ScrollArea>
        <Table aria-label="KPIs of the runs" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={190}>Category, slice</Table.Th>
              <Heads of={of} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={`${row.category} ${row.slice}`} fw={row.category === "all" ? 700 : 400}>
                <Table.Td>
                  {row.category}, {row.slice}
                </Table.Td>
                {row.values.map((value, i) => (
                  <Table.Td key={i}>
                    <Cell of={value} evaluation={of.evaluations[i] ?? null} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
      <Text size="xs" c="dimmed" mt="xs">
        Intervals that overlap decide nothing: a paired difference may. A figure leads to the frames that it comes from.
      </Text>
    </Card>
  );
}

function Cell({ of, evaluation }: { of: Kpi | null | undefined; evaluation: string | null }) {
  if (!of || !evaluation) return <Text size="xs" c="dimmed">not evaluated here</Text>;
  return (
    <Anchor renderRoot={(props) => <Link to="/validate/frames" search={{ evaluation, category: of.category, slice: of.slice }} {...props} />} underline="hover" c="inherit">
      <Figure of={of} />
    </Anchor>
  );
}
