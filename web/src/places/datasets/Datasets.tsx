/** All datasets: their versions as a graph, and what can be done with two of them. */
import { Button, Group, Select, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Graph } from "./Graph";
import { type Version, called, movables, useVersions } from "./ask";

export function Datasets() {
  const { name } = useSearch({ from: "/datasets" });
  const go = useNavigate();
  const asked = useVersions();
  const [picked, setPicked] = useState<string[]>([]);
  const all = asked.data?.items ?? [];
  const names = all.flatMap((one) => one.names.filter((each) => !each.includes("@"))).sort();
  const shown = name ? reaching(all, name) : all;
  const [to, from] = [...picked].sort((a, b) => place(all, a) - place(all, b));
  const [first, second] = picked.flatMap((id) => all.filter((one) => one.id === id));
  const into = (first && newestOf(first, name)) ?? (second && newestOf(second, name));
  const other = first && into && first.names.includes(into) ? second : first;
  return (
    <Page title="Datasets" about={asked.data && `${many(asked.data.count, "version")}, newest first; pick two to compare or to merge`} cli={asked.data?.cli} json="/api/v1/datasets">
      {asked.isPending && <Waiting what="datasets" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && all.length === 0 && (
        <Nothing title="No dataset versions yet" command="ringroad datasets create NAME --from all">
          A version is made of labelled frames. Label some first, or bring annotations along.
        </Nothing>
      )}
      {name && all.length > 0 && shown.length === 0 && <Nothing title={`No dataset is called ${name}`}>Choose one of those there are.</Nothing>}
      {all.length > 0 && (
        <>
          <Group justify="space-between" align="flex-end">
            <Select label="Dataset" placeholder="all" data={names} value={name && names.includes(name) ? name : null} onChange={(value) => void go({ to: "/datasets", search: { name: value ?? undefined } })} clearable searchable w={240} />
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                {picked.length} of 2 picked
              </Text>
              <Button size="compact-md" variant="light" disabled={!(from && to)} onClick={() => void go({ to: "/datasets/compare", search: { from, to } })}>
                Compare
              </Button>
              <Button size="compact-md" variant="light" maw={320} disabled={!(into && first && second)} onClick={() => void go({ to: "/datasets/merge", search: { into, other: other && (other.names.length > 0 ? called(other) : other.id) } })}>
                {into ? `Merge into ${into}` : "Merge"}
              </Button>
            </Group>
          </Group>
          {shown.length > 0 && <Graph versions={shown} picked={picked} onPick={(id) => setPicked((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-2)))} />}
        </>
      )}
    </Page>
  );
}

/** The dataset that a version is the newest of: the one that is looked at, where it is one of them. */
function newestOf(version: Version, looked: string | undefined): string | undefined {
  const names = movables(version);
  return looked && names.includes(looked) ? looked : names[0];
}

function place(all: readonly Version[], id: string): number {
  return all.findIndex((one) => one.id === id);
}

/** The version that a name points at, and all that it descends from. */
function reaching(all: readonly Version[], name: string): Version[] {
  const byId = new Map(all.map((one) => [one.id, one]));
  const seen = new Set<string>();
  const waiting = all.filter((one) => one.names.includes(name)).map((one) => one.id);
  for (let id = waiting.pop(); id; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(byId.get(id)?.parents ?? []));
  }
  return all.filter((one) => seen.has(one.id));
}
