/** Counts before and after as bars, by split and what they are of. */
import { Table, Text } from "@mantine/core";

import { count } from "../../parts/Figure";
import type { Shifts } from "./ask";

export function ShiftBars({ title, of, unit }: { title: string; of: Shifts; unit: string }) {
  const rows = Object.entries(of).flatMap(([split, parts]) => Object.entries(parts).map(([what, shift]) => ({ split, what, ...shift })));
  const most = Math.max(1, ...rows.map((row) => Math.max(row.before, row.after)));
  if (rows.length === 0) return null;
  return (
    <Table verticalSpacing={4} aria-label={title}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{title}</Table.Th>
          <Table.Th ta="right">Before</Table.Th>
          <Table.Th ta="right">After</Table.Th>
          <Table.Th w="38%">{unit}: grey before, coloured after</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.split + row.what}>
            <Table.Td>
              {row.split} <b>{row.what || "unknown"}</b>
            </Table.Td>
            <Table.Td ta="right" className="figure">
              {count(row.before)}
            </Table.Td>
            <Table.Td ta="right" className="figure">
              {count(row.after)}
              {row.after !== row.before && (
                <Text span size="xs" c="dimmed">
                  {" "}
                  {row.after > row.before ? "+" : "−"}
                  {count(Math.abs(row.after - row.before))}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <div style={{ height: 5, width: `${(100 * row.before) / most}%`, background: "var(--mantine-color-gray-5)", borderRadius: 2 }} />
              <div style={{ height: 7, marginTop: 2, width: `${(100 * row.after) / most}%`, background: "var(--mantine-primary-color-filled)", borderRadius: 2 }} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Counts by split and what they are of, as one table. */
export function CountTable({ title, of, total }: { title: string; of: Record<string, Record<string, number>>; total: string }) {
  const splits = Object.keys(of);
  const names = [...new Set(splits.flatMap((split) => Object.keys(of[split] ?? {})))];
  const sum = (name: string) => splits.reduce((all, split) => all + (of[split]?.[name] ?? 0), 0);
  const most = Math.max(1, ...names.map(sum));
  return (
    <Table verticalSpacing={4} aria-label={title}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{title}</Table.Th>
          {splits.map((split) => (
            <Table.Th key={split} ta="right">
              {split}
            </Table.Th>
          ))}
          <Table.Th ta="right">{total}</Table.Th>
          <Table.Th w="30%" aria-label="share" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {names.map((name) => (
          <Table.Tr key={name}>
            <Table.Td>{name || "unknown"}</Table.Td>
            {splits.map((split) => (
              <Table.Td key={split} ta="right" className="figure">
                {count(of[split]?.[name] ?? 0)}
              </Table.Td>
            ))}
            <Table.Td ta="right" className="figure" fw={700}>
              {count(sum(name))}
            </Table.Td>
            <Table.Td>
              <div style={{ height: 7, width: `${(100 * sum(name)) / most}%`, background: "var(--mantine-primary-color-filled)", borderRadius: 2 }} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
