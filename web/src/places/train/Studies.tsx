/** Tuning studies: what was searched, how far each is, the best that it found. */
import { Anchor, Badge, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Figure, many, moment } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Pages } from "./Pages";
import { type Study, useStudies } from "./ask";

export function Studies() {
  const asked = useStudies();
  const items = asked.data?.items ?? [];
  return (
    <Page title="Studies" about={asked.data && `${many(asked.data.count, "study").replace(/studys$/, "studies")}; trials are judged by validation rows, never by test rows`} aside={<Pages at="/train/studies" />} cli={asked.data?.cli} json="/api/v1/studies">
      {asked.isPending && <Waiting what="studies" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && (
        <Nothing title="No studies yet" command="ringroad tune STUDY.toml">
          A study trains networks with other parameters, one after the other, and tells which did best on the validation rows of a dataset.
        </Nothing>
      )}
      {items.length > 0 && (
        <Table aria-label="studies" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Study</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Trials</Table.Th>
              <Table.Th>Best</Table.Th>
              <Table.Th>Searched</Table.Th>
              <Table.Th>Dataset</Table.Th>
              <Table.Th>Last (UTC)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((study) => (
              <Row key={study.name} study={study} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Page>
  );
}

function Row({ study }: { study: Study }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor renderRoot={(props) => <Link to="/train/studies/$id" params={{ id: study.name }} {...props} />} size="sm">
          {study.name}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <State of={study} />
      </Table.Td>
      <Table.Td className="figure">
        {study.done + study.failed} of {study.wanted}
        {study.failed > 0 && (
          <Text span size="xs" c="dimmed">
            , {study.failed} failed
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {study.best?.kpi ? <Figure of={study.best.kpi} /> : <Text span size="sm" c="dimmed">nothing yet</Text>}
        <Text size="xs" c="dimmed">
          {study.metric}, {study.category}, {study.slice}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{study.searched.join(", ").replaceAll("_", " ")}</Text>
        <Text size="xs" c="dimmed">
          {study.sampler}, seed {study.seed}
        </Text>
      </Table.Td>
      <Table.Td>
        <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: study.dataset }} {...props} />} size="sm">
          {study.dataset_name}
        </Anchor>
      </Table.Td>
      <Table.Td className="figure">{moment(study.moved_ns).slice(0, 16)}</Table.Td>
    </Table.Tr>
  );
}

const COLOURS: Record<string, string> = { running: "blue", done: "teal", stopped: "orange" };

export function State({ of }: { of: Study }) {
  return (
    <Badge variant="light" color={COLOURS[of.state] ?? "gray"} tt="none" style={{ color: "var(--mantine-color-text)" }}>
      {of.state}
    </Badge>
  );
}
