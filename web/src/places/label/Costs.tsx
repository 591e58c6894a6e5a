/** Time, boxes and money by annotator. */
import { Group, NumberInput, Table, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { count } from "../../parts/Figure";
import { Failed } from "../../parts/States";
import { useCosts } from "./ask";

export function Costs({ order, level = 3 }: { order: string; level?: 2 | 3 }) {
  const [hour, setHour] = useState<number | string>("");
  const [asked] = useDebouncedValue(typeof hour === "number" && hour >= 0 ? hour : undefined, 300);
  const found = useCosts(order, asked, true);
  const told = (value: number | null, digits: number, unit = "") => (value === null ? "–" : `${value.toFixed(digits)}${unit}`);
  const people = found.data?.costs ?? [];
  return (
    <div>
      <Group justify="space-between" align="flex-end">
        <Title order={level} size={level === 2 ? "h5" : "h6"}>Time and cost</Title>
        <NumberInput size="xs" w={190} label="What an hour costs" placeholder="in any money" min={0} value={hour} onChange={setHour} />
      </Group>
      {found.error && <Failed error={found.error} />}
      {found.data && people.length === 0 && <Text size="sm" c="dimmed">Nobody answered a task yet.</Text>}
      {people.length > 0 && (
        <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label="table of time and cost">
          <Table aria-label="time and cost" verticalSpacing={3}>
            <Table.Thead>
              <Table.Tr>
                {["Annotator", "Answers", "Boxes", "Skipped", "Hours", "Lost", "Per box", "Honeypots", "Cost", "Cost per box"].map((name, i) => (
                  <Table.Th key={name} ta={i === 0 ? "left" : "right"}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {people.map((one) => (
                <Table.Tr key={one.annotator} className="figure">
                  <Table.Td>{one.annotator}</Table.Td>
                  <Table.Td ta="right">{count(one.answers)}</Table.Td>
                  <Table.Td ta="right">{count(one.marks)}</Table.Td>
                  <Table.Td ta="right">{one.skipped + one.expired}</Table.Td>
                  <Table.Td ta="right">{one.hours.toFixed(2)}</Table.Td>
                  <Table.Td ta="right">{one.lost_hours.toFixed(2)}</Table.Td>
                  <Table.Td ta="right">{told(one.seconds_per_mark, 1, " s")}</Table.Td>
                  <Table.Td ta="right">{told(one.score, 2)}</Table.Td>
                  <Table.Td ta="right">{told(one.cost, 2)}</Table.Td>
                  <Table.Td ta="right">{told(one.cost_per_mark, 3)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Text size="xs" c="dimmed">Time is that between signs of life, of at most two minutes each. Lost is what ended in a skip, or expired.</Text>
    </div>
  );
}
