/** What changed from one version to another: counts, distributions, and the frames in pictures. */
import { Alert, Anchor, Button, Card, Group, SegmentedControl, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { count } from "../../parts/Figure";
import { Legend, Marked } from "../../parts/Marked";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { ShiftBars } from "./Bars";
import { type Diff, type Shifts, useDiff, useMarks } from "./ask";
import { differing, drawn } from "./drawn";

const AT_ONCE = 12;
const KINDS = [
  ["reannotated", "Annotated anew"],
  ["added", "Added"],
  ["removed", "Removed"],
  ["moved", "Other split"],
  ["regrouped", "Other unit"],
  ["reweighted", "Other weight"],
] as const;
type Kind = (typeof KINDS)[number][0];

export function Compare() {
  const { from = "", to = "" } = useSearch({ from: "/datasets/compare" });
  const asked = useDiff(from, to);
  if (!from || !to) return <Nothing title="Name two versions">Pick two under Datasets.</Nothing>;
  const told = asked.data;
  return (
    <Page
      title="What changed"
      about={
        <Group gap={6}>
          from <Name of={told?.before ?? from} shown={from} /> to <Name of={told?.after ?? to} shown={to} />
          <Swap from={from} to={to} />
        </Group>
      }
      cli={told?.cli}
      json={`/api/v1/datasets/${encodeURIComponent(from)}/diff?to=${encodeURIComponent(to)}`}
    >
      {asked.isPending && <Waiting what="difference" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {told && <Told of={told} />}
    </Page>
  );
}

function Name({ of, shown }: { of: string; shown: string }) {
  return (
    <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: of }} {...props} />} size="sm" className={shown.startsWith("dataset:") ? "mono" : ""}>
      {shown.startsWith("dataset:") ? shown.slice(8, 18) : shown}
    </Anchor>
  );
}

function Swap({ from, to }: { from: string; to: string }) {
  const go = useNavigate();
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => void go({ to: "/datasets/compare", search: { from: to, to: from } })}>
      The other way round
    </Button>
  );
}

function Told({ of }: { of: Diff }) {
  const empty = Object.values(of.counts).every((many) => many === 0);
  return (
    <>
      {empty && (
        <Alert color="gray" variant="outline" title="Their rows are equal">
          {Object.keys(of.claims).length > 0 ? "Only what they claim differs." : "Nothing differs."}
        </Alert>
      )}
      <Claims of={of.claims as Record<string, [unknown, unknown]>} />
      {!empty && (
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <Card withBorder>
            <ShiftBars title="Frames by split and condition" of={of.frames as Shifts} unit="frames" />
          </Card>
          <Card withBorder>
            <ShiftBars title="Annotations on the frames that differ" of={of.boxes as Shifts} unit="annotations" />
          </Card>
        </SimpleGrid>
      )}
      {!empty && <Changed of={of} />}
    </>
  );
}

function Claims({ of }: { of: Record<string, [unknown, unknown]> }) {
  const rows = Object.entries(of);
  if (rows.length === 0) return null;
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        What they claim
      </Title>
      <Table verticalSpacing={3} aria-label="claims that differ">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Claim</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([name, [before, after]]) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td className="break">{said(before)}</Table.Td>
              <Table.Td className="break">{said(after)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function said(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Array.isArray(value) ? value.join(", ") : String(value || "nothing");
}

function framesOf(told: Diff, kind: Kind): string[] {
  return kind === "moved" ? told.moved.map((move) => move.frame ?? "") : [...told[kind]];
}

function Changed({ of }: { of: Diff }) {
  const { from = "", to = "", kind, shown = AT_ONCE } = useSearch({ from: "/datasets/compare" });
  const go = useNavigate();
  const there = KINDS.filter(([name]) => (of.counts[name] ?? 0) > 0);
  const at = there.find(([name]) => name === kind)?.[0] ?? there[0]?.[0];
  if (!at) return null;
  const frames = framesOf(of, at);
  const look = (search: { kind?: string; shown?: number }) => void go({ to: "/datasets/compare", search: { from, to, ...search }, replace: true, resetScroll: false });
  return (
    <Card withBorder>
      <Group justify="space-between">
        <SegmentedControl size="xs" value={at} onChange={(value) => look({ kind: value })} data={there.map(([value, label]) => ({ value, label: `${label}: ${count(of.counts[value] ?? 0)}` }))} />
        <Legend of={at === "added" ? ["after"] : at === "removed" ? ["before"] : ["before", "after", "kept"]} />
      </Group>
      <Pictures of={of} kind={at} frames={frames.slice(0, Math.min(shown, 96))} />
      {frames.length > shown && shown < 96 && (
        <Button mt="sm" variant="light" size="compact-sm" onClick={() => look({ kind: at, shown: shown + 24 })}>
          Show more of {count(of.counts[at] ?? frames.length)}
        </Button>
      )}
      {(shown >= 96 || (of.counts[at] ?? 0) > frames.length) && (
        <Text size="xs" c="dimmed" mt="xs">
          The command line lists all of them.
        </Text>
      )}
    </Card>
  );
}

function Pictures({ of, kind, frames }: { of: Diff; kind: Kind; frames: string[] }) {
  const before = useMarks(of.before, kind === "added" ? [] : frames);
  const after = useMarks(of.after, kind === "removed" ? [] : frames);
  if (before.isLoading || after.isLoading) return <Waiting what="pictures" />;
  if (before.error ?? after.error) return <Failed error={before.error ?? after.error} />;
  const old = new Map(before.data?.frames.map((one) => [one.frame, one]));
  const now = new Map(after.data?.frames.map((one) => [one.frame, one]));
  const moves = new Map(of.moved.map((move) => [move.frame, move]));
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="xs" mt="sm">
      {frames.map((frame) => {
        const [was, is] = [old.get(frame), now.get(frame)];
        const size = is ?? was;
        const told = differing(was?.marks, is?.marks);
        const marks = kind === "added" ? drawn(is?.marks, "after") : kind === "removed" ? drawn(was?.marks, "before") : [...told.same, ...told.before, ...told.after];
        const move = moves.get(frame);
        return (
          <Stack key={frame} gap={2}>
            <Marked frame={frame} width={size?.width ?? 16} height={size?.height ?? 9} marks={marks} />
            <Text size="xs" truncate title={frame} className="mono">
              {frame}
            </Text>
            <Text size="xs">
              {move ? `${move.before} → ${move.after}` : kind === "added" || kind === "removed" ? `${marks.length} annotations` : `${told.before.length} gone, ${told.after.length} new, ${told.same.length} kept`}
            </Text>
          </Stack>
        );
      })}
    </SimpleGrid>
  );
}
