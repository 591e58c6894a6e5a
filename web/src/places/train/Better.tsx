/** Is one run better than another? Paired differences over the same units, and where it got worse. */
import { Badge, Button, Card, Group, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { useMay, useRunning, Work } from "../../parts/Work";
import { JudgedGrid } from "../validate/JudgedGrid";
import { type Comparison, called } from "./ask";

type Difference = Schemas["EvaluationDifference"];

const COLOURS: Record<string, string> = { better: "teal", worse: "red" };

export function Better({ of }: { of: Comparison }) {
  const scored = of.runs.flatMap((run, i) => (of.evaluations[i] ? [{ value: run.model, label: called(run) }] : []));
  const first = scored.find((one) => one.label.endsWith(":champion")) ?? scored[scored.length - 1];
  const [champion, setChampion] = useState(first?.value ?? null);
  const [candidate, setCandidate] = useState(scored.find((one) => one !== first)?.value ?? null);
  const [operation, setOperation] = useState("");
  const { difference = "" } = useSearch({ from: "/train/compare" });
  const go = useNavigate();
  const running = useRunning(operation);
  const { may, why } = useMay("compare_evaluations");
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/evaluation-differences", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { champion: champion ?? "", candidate: candidate ?? "", dataset: of.dataset ?? null, seed: 0 },
        }),
      ),
    onSuccess: (told) => setOperation(told.operation.id),
  });
  const show = (id: string) => void go({ to: "/train/compare", search: (was) => ({ ...was, difference: id }), replace: true, resetScroll: false });
  if (scored.length < 2 && !difference) return null;
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Is it better?
      </Title>
      <Text size="sm" c="dimmed">
        Both are scored on the same units, drawn together a thousand times: what makes a unit hard for both cancels. It is a look at the test rows, in your name.
      </Text>
      <Group align="flex-end" my="xs">
        <Select label="Champion" data={scored} value={champion} onChange={setChampion} allowDeselect={false} />
        <Select label="Candidate" data={scored} value={candidate} onChange={setCandidate} allowDeselect={false} />
        <Button disabled={!may || !champion || !candidate || champion === candidate} title={why} loading={send.isPending || running} onClick={() => send.mutate()}>
          Compare them
        </Button>
        {!may && <Text size="xs">{why}</Text>}
      </Group>
      {send.error && <Failed error={send.error} />}
      {operation && <Work key={operation} id={operation} what="Comparing" renews={["looks"]} onDone={(told) => show(String(told.difference))} />}
      {difference && <Differences id={difference} among={of} />}
    </Card>
  );
}

function Differences({ id, among }: { id: string; among: Comparison }) {
  const asked = useQuery({
    queryKey: ["evaluation-difference", id],
    queryFn: () => data(api.GET("/api/v1/evaluation-differences/{id}", { params: { path: { id } } })),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Waiting what="differences" />;
  const of = asked.data.difference;
  const first = of.kpis[0];
  const at = among.runs.findIndex((run) => of.candidate.includes(run.model));
  const evaluation = among.evaluations[at] ?? undefined;
  return (
    <Stack gap="xs">
      <Text size="sm">
        AP50 of {named(of.candidate_names, of.candidate)} less that of {named(of.champion_names, of.champion)}
        {first ? `, ${Math.round(first.confidence * 100)} % intervals over units; a unit is: ${first.unit}` : ""}.
      </Text>
      <Table aria-label="paired differences" verticalSpacing={4} maw={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Slice</Table.Th>
            <Table.Th>Category</Table.Th>
            <Table.Th ta="right">Difference</Table.Th>
            <Table.Th ta="right">Interval</Table.Th>
            <Table.Th ta="right">Units</Table.Th>
            <Table.Th>So the candidate is</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.kpis.map((kpi, i) => (
            <Table.Tr key={`${kpi.slice} ${kpi.category}`} fw={kpi.category === "all" ? 700 : 400}>
              <Table.Td>{kpi.slice}</Table.Td>
              <Table.Td>{kpi.category}</Table.Td>
              <Table.Td ta="right" className="figure">
                {kpi.value === null ? "not evaluated" : signed(kpi.value)}
              </Table.Td>
              <Table.Td ta="right" className="figure">
                {kpi.low === null || kpi.high === null ? "none" : `${signed(kpi.low)} to ${signed(kpi.high)}`}
              </Table.Td>
              <Table.Td ta="right" className="figure">
                {count(kpi.units)}
              </Table.Td>
              <Table.Td>{of.standings[i] && <Badge color={COLOURS[of.standings[i]] ?? "gray"}>{of.standings[i]}</Badge>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Worse of={of} evaluation={evaluation} />
      <CommandLine text={asked.data.cli} />
    </Stack>
  );
}

/** The frames on which the candidate makes more errors, with what it said. */
function Worse({ of, evaluation }: { of: Difference; evaluation: string | undefined }) {
  const frames = of.worse.all ?? [];
  if (frames.length === 0) return <Text size="sm">There is no frame on which the candidate makes more errors.</Text>;
  return (
    <>
      <Title order={3} size="h6">
        Where the candidate makes more errors
      </Title>
      {evaluation ? <JudgedGrid evaluation={evaluation} frames={frames} category="all" /> : <Text size="sm">{frames.join(", ")}</Text>}
    </>
  );
}

function named(names: readonly string[], models: readonly string[]): string {
  return names[0] ?? models[0]?.slice(0, 16) ?? "predictions from elsewhere";
}

function signed(value: number): string {
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(3)}`;
}
