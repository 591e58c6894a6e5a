/** Two selections side by side: what each holds, what both hold, which of them lacks what. */
import { Card, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";

import { count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { useComparison } from "./ask";

interface Cell {
  cell: string;
  share: [number, number];
  low: [number | null, number | null];
  high: [number | null, number | null];
  lacking: [boolean, boolean];
  p: number;
}

const INKS = ["var(--mantine-color-road-5)", "var(--mantine-color-orange-6)"];

export function Comparison({ one, other }: { one: string; other: string }) {
  const asked = useComparison(one, other);
  if (asked.isPending) return <Waiting what="comparison" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const told = asked.data;
  const cells = (told.cells as unknown as Cell[]).filter((cell) => !cell.cell.includes(", ") || cell.lacking.some(Boolean));
  const likeness = told.likeness as { effective?: number[]; of?: number[]; alike?: number[] } | null;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {one} and {other}
        </Title>
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Pair name="Frames" of={told.frames.map(count)} />
          <Pair name="Recordings" of={told.recordings.map(count)} />
          <Pair name="In both" of={[`${count(told.shared_frames)} frames`, `${count(told.shared_recordings)} recordings`]} />
          {likeness?.effective && <Pair name="Effective number of different frames" of={likeness.effective.map((value, at) => `${value.toFixed(0)} of ${count(likeness.of?.[at] ?? 0)}`)} />}
        </SimpleGrid>
        <Table verticalSpacing={3} aria-label="cells of the domain in both">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Of the domain</Table.Th>
              <Table.Th>{one}</Table.Th>
              <Table.Th>{other}</Table.Th>
              <Table.Th w="34%">Shares, with 95 % intervals over recordings</Table.Th>
              <Table.Th>Beyond chance</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {cells.map((cell) => (
              <Table.Tr key={cell.cell}>
                <Table.Td>{cell.cell}</Table.Td>
                {[0, 1].map((at) => (
                  <Table.Td key={at} className="figure">
                    {percent(cell.share[at as 0 | 1])}
                  </Table.Td>
                ))}
                <Table.Td>
                  <Bars cell={cell} />
                </Table.Td>
                <Table.Td>{cell.lacking[0] ? `${one} lacks it` : cell.lacking[1] ? `${other} lacks it` : ""}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group gap="md">
          {[one, other].map((name, at) => (
            <Group key={name} gap={6}>
              <span aria-hidden style={{ width: 12, height: 8, background: INKS[at], borderRadius: 2 }} />
              <Text size="xs">{name}</Text>
            </Group>
          ))}
        </Group>
        <CommandLine text={told.cli} />
      </Stack>
    </Card>
  );
}

function Pair({ name, of }: { name: string; of: string[] }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      {of.map((text, at) => (
        <Text key={at} size="sm" className="figure" fw={600}>
          {text}
        </Text>
      ))}
    </div>
  );
}

function Bars({ cell }: { cell: Cell }) {
  return (
    <svg viewBox="0 0 200 20" width="100%" height={22} preserveAspectRatio="none" role="img" aria-label={`${percent(cell.share[0])} and ${percent(cell.share[1])}`}>
      {([0, 1] as const).map((at) => (
        <g key={at}>
          <rect x={0} y={2 + 9 * at} width={200 * cell.share[at]} height={7} fill={INKS[at]} rx={1} />
          {cell.low[at] !== null && cell.high[at] !== null && (
            <line x1={200 * cell.low[at]!} x2={200 * cell.high[at]!} y1={5.5 + 9 * at} y2={5.5 + 9 * at} stroke="var(--mantine-color-text)" strokeWidth={1.5} />
          )}
        </g>
      ))}
    </svg>
  );
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
