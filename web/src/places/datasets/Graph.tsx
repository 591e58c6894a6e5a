/** Versions as a graph beside what each is: branches, merges, names; two can be picked to compare. */
import { Anchor, Badge, Checkbox, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { count, moment } from "../../parts/Figure";
import { Synthetic } from "../Recordings";
import { type Version, called, frames } from "./ask";
import { lanesOf } from "./lanes";

const ROW = 44;
const STEP = 18;
const COLOURS = ["var(--mantine-color-road-6)", "#e8590c", "#7048e8", "#2f9e44", "#c2255c", "#1971c2"];

interface Props {
  versions: readonly Version[];
  picked: readonly string[];
  onPick: (id: string) => void;
}

export function Graph({ versions, picked, onPick }: Props) {
  const { lane, lines, width } = lanesOf(versions);
  const colour = (at: number) => COLOURS[at % COLOURS.length] ?? COLOURS[0];
  const x = (at: number) => 12 + at * STEP;
  const y = (row: number) => ROW * (row + 0.5);
  return (
    <Group align="flex-start" wrap="nowrap" gap={0} style={{ overflowX: "auto" }}>
      <svg width={x(width - 1) + 12} height={ROW * versions.length} style={{ flex: "none", marginTop: ROW }} role="img" aria-label={`graph of ${versions.length} versions`}>
        {lines.map(({ from, to }, i) => {
          const [x1, y1, x2, y2] = [x(from[0]), y(from[1]), x(to[0]), y(to[1])];
          const bend = from[0] === to[0] ? `L ${x2} ${y2}` : `L ${x1} ${y2 - ROW} C ${x1} ${y2 - ROW / 2}, ${x2} ${y2 - ROW / 2}, ${x2} ${y2}`;
          const out = from[0] > to[0] || from[0] === to[0] ? bend : `C ${x1} ${y1 + ROW / 2}, ${x2} ${y1 + ROW / 2}, ${x2} ${y1 + ROW} L ${x2} ${y2}`;
          return <path key={i} d={`M ${x1} ${y1} ${out}`} fill="none" stroke={colour(Math.max(from[0], to[0]))} strokeWidth={2} />;
        })}
        {versions.map((version, row) => (
          <circle key={version.id} cx={x(lane[row] ?? 0)} cy={y(row)} r={version.parents.length > 1 ? 6 : 5} fill={version.parents.length > 1 ? "var(--mantine-color-body)" : colour(lane[row] ?? 0)} stroke={colour(lane[row] ?? 0)} strokeWidth={2.5} />
        ))}
      </svg>
      <Table aria-label="dataset versions" layout="fixed" miw={950} verticalSpacing={0}>
        <Table.Thead>
          <Table.Tr h={ROW}>
            <Table.Th w={40}>
              <span className="skip">compare</span>
            </Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th w={84}>What</Table.Th>
            <Table.Th w={160}>Frames</Table.Th>
            <Table.Th w="28%">Found by, or why</Table.Th>
            <Table.Th w={150}>When (UTC)</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version) => (
            <Table.Tr key={version.id} h={ROW} bg={picked.includes(version.id) ? "var(--mantine-primary-color-light)" : undefined}>
              <Table.Td>
                <Checkbox size="xs" checked={picked.includes(version.id)} onChange={() => onPick(version.id)} aria-label={`compare ${called(version)}`} />
              </Table.Td>
              <Table.Td>
                <Group gap={6} wrap="nowrap" style={{ overflow: "hidden" }}>
                  <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: version.id }} {...props} />} size="sm" fw={version.names.length ? 700 : 400} truncate title={version.names[0]} style={{ minWidth: 40 }}>
                    {version.names[0] ?? <span className="mono">{version.id.slice(8, 18)}</span>}
                  </Anchor>
                  {version.names.slice(1).map((name) => (
                    <Badge key={name} size="sm" variant={name.includes("@") ? "outline" : "light"} tt="none" maw={120} title={name} style={{ flex: "none" }}>
                      {name}
                    </Badge>
                  ))}
                  {version.header.locked && (
                    <Badge size="sm" color="gray" variant="outline" tt="none" style={{ flex: "none" }}>
                      test locked
                    </Badge>
                  )}
                  {version.header.synthetic && <Synthetic />}
                </Group>
              </Table.Td>
              <Table.Td>{version.what}</Table.Td>
              <Table.Td>
                <Text size="sm" truncate title={Object.entries(version.splits).map(([split, parts]) => `${split} ${frames(parts)}`).join(", ")}>
                  {Object.entries(version.splits)
                    .map(([split, parts]) => `${split} ${count(frames(parts))}`)
                    .join(", ")}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="xs" c="dimmed" truncate className="mono" title={version.header.query}>
                  {version.header.query}
                </Text>
              </Table.Td>
              <Table.Td className="figure">
                <Text size="sm" style={{ whiteSpace: "nowrap" }}>
                  {version.made_ns ? moment(version.made_ns).slice(0, 16) : "unknown"}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Group>
  );
}
