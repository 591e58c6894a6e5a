/** One conflict: both sides beside each other, and what is taken. */
import { Badge, Card, Group, SegmentedControl, SimpleGrid, Stack, Table, Text } from "@mantine/core";

import type { Schemas } from "../../api/ask";
import { Marked } from "../../parts/Marked";
import { differing } from "./drawn";

export type Take = "ours" | "theirs" | "remove";

export interface RowConflict {
  frame: string;
  kind: string;
  cells: string[];
  base: Record<string, unknown> | null;
  ours: Record<string, unknown> | null;
  theirs: Record<string, unknown> | null;
}

export interface HeaderConflict {
  field: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

type Marks = Schemas["FrameMarks"] | undefined;

const SAYS: Record<string, string> = {
  "edit/edit": "both changed it, differently",
  "edit/removal": "one changed it, the other took it out",
  "add/add": "both added it, differently",
  crossed: "their common versions already disagree on it",
};

interface Props {
  of: RowConflict;
  ours: Marks;
  theirs: Marks;
  base: Marks;
  taken: Take | undefined;
  onTake: (take: Take) => void;
}

export function Conflict({ of, ours, theirs, base, taken, onTake }: Props) {
  return (
    <Card withBorder component="section" aria-label={`conflict on ${of.frame}`}>
      <Group justify="space-between" mb="xs">
        <Stack gap={0}>
          <Text size="sm" className="mono break">
            {of.frame}
          </Text>
          <Text size="xs" c="dimmed">
            {SAYS[of.kind] ?? of.kind}
          </Text>
        </Stack>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            color="road"
            value={taken ?? ""}
            onChange={(value) => onTake(value as Take)}
            data={[
              { value: "ours", label: "Take ours" },
              { value: "theirs", label: "Take theirs" },
              { value: "remove", label: "Take it out" },
            ]}
            aria-label={`what to take for ${of.frame}`}
          />
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Side name="Ours" of={of.ours} marks={ours} base={base} chosen={taken === "ours"} frame={of.frame} />
        <Side name="Theirs" of={of.theirs} marks={theirs} base={base} chosen={taken === "theirs"} frame={of.frame} />
      </SimpleGrid>
      {of.ours && of.theirs && <Cells of={of} />}
    </Card>
  );
}

function Side({ name, of, marks, base, chosen, frame }: { name: string; of: Record<string, unknown> | null; marks: Marks; base: Marks; chosen: boolean; frame: string }) {
  const size = marks?.width ? marks : base;
  const told = differing(base?.marks, marks?.marks);
  const drawn = of ? [...told.same, ...told.before, ...told.after] : [];
  return (
    <Stack gap={4} p={6} style={{ borderRadius: 6, outline: chosen ? "2px solid var(--mantine-primary-color-filled)" : "1px solid var(--mantine-color-default-border)" }}>
      <Group justify="space-between">
        <Text size="sm" fw={700}>
          {name}
        </Text>
        {of ? (
          <Text size="xs">
            {String(of.split)}, {String(of.condition || "unknown")}; {told.before.length} gone, {told.after.length} new, {told.same.length} kept
          </Text>
        ) : (
          <Badge color="gray" variant="outline" tt="none">
            took it out
          </Badge>
        )}
      </Group>
      <div style={{ opacity: of ? 1 : 0.35 }}>
        <Marked frame={frame} width={size?.width ?? 16} height={size?.height ?? 9} marks={drawn} sharp={640} />
      </div>
    </Stack>
  );
}

function Cells({ of }: { of: RowConflict }) {
  const shown = of.cells.filter((name) => name !== "annotations");
  if (shown.length === 0) return null;
  return (
    <Table mt="xs" verticalSpacing={3} aria-label="cells in conflict">
      <Table.Thead>
        <Table.Tr>
          {["Cell", "Before", "Ours", "Theirs"].map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {shown.map((name) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            {[of.base, of.ours, of.theirs].map((row, i) => (
              <Table.Td key={i}>{row ? String(row[name]) : "not there"}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function ClaimConflict({ of, taken, onTake }: { of: HeaderConflict; taken: "ours" | "theirs" | undefined; onTake: (side: "ours" | "theirs") => void }) {
  const said = (value: unknown) => (Array.isArray(value) ? value.join(", ") : String(value ?? "not there"));
  return (
    <Card withBorder component="section" aria-label={`conflict on the claim ${of.field}`}>
      <Group justify="space-between">
        <Text size="sm" fw={700}>
          What was annotated: {of.field}
        </Text>
        <SegmentedControl size="xs" color="road" value={taken ?? ""} onChange={(value) => onTake(value as "ours")} data={[{ value: "ours", label: "Take ours" }, { value: "theirs", label: "Take theirs" }]} aria-label={`what to take for ${of.field}`} />
      </Group>
      <Text size="sm">Ours: {said(of.ours)}</Text>
      <Text size="sm">Theirs: {said(of.theirs)}</Text>
      <Text size="xs" c="dimmed">
        One side looks for more than the other labelled frames under: nobody looked for the new things there.
      </Text>
    </Card>
  );
}
