/** The box for a query: words that may follow, what was wrong, how it was answered. */
import { Alert, Autocomplete, Card, Group, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";

import { api, data, type Problem } from "../../api/client";
import { count } from "../../parts/Figure";
import { Icon } from "../../parts/Icon";

export function QueryBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [waited] = useDebouncedValue(value, 200);
  const suggested = useQuery({
    queryKey: ["complete", waited],
    queryFn: () => data(api.GET("/api/v1/search/complete", { params: { query: { q: waited, cursor: waited.length } } })),
    staleTime: 60_000,
  });
  const all = suggested.data?.suggestions ?? [];
  const whole = all.slice(0, 12).map((one) => waited.slice(0, one.start) + one.text + waited.slice(one.end));
  const says = new Map(whole.map((text, i) => [text, all[i]]));
  return (
    <Autocomplete
      flex={1}
      label="Query"
      placeholder="condition = night and speed > 30 km/h"
      leftSection={<Icon name="search" size={14} />}
      value={value}
      onChange={onChange}
      data={[...new Set(whole)]}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <Group justify="space-between" w="100%" wrap="nowrap">
          <Text size="sm" className="mono">
            {says.get(option.value)?.text}
          </Text>
          <Text size="xs" c="dimmed">
            {says.get(option.value)?.says || says.get(option.value)?.kind}
          </Text>
        </Group>
      )}
    />
  );
}

/** The message of the language keeps its columns: it points at the place. */
export function QueryProblem({ error }: { error: Problem }) {
  return (
    <Alert color="red" title={error.title}>
      <pre className="mono" style={{ margin: 0, whiteSpace: "pre-wrap" }}>
        {error.detail}
      </pre>
      {error.hint && (
        <Text size="sm" c="dimmed" mt={4}>
          {error.hint}
        </Text>
      )}
    </Alert>
  );
}

interface Part {
  text: string;
  how: string;
  rows: number | null;
  stretches: number | null;
  seconds: number;
  note: string;
  parts: Part[];
}

export interface Plan {
  query: string;
  parts: Part[];
  seconds: number;
}

export function Explained({ of, notes }: { of: Plan; notes: readonly string[] }) {
  const flat = (parts: Part[], depth: number): [Part, number][] =>
    parts.flatMap((part) => [[part, depth] as [Part, number], ...flat(part.parts, depth + 1)]);
  return (
    <Card withBorder p="sm">
      <Table verticalSpacing={2} aria-label="plan">
        <Table.Tbody>
          {flat(of.parts, 0).map(([part, depth], i) => (
            <Table.Tr key={i}>
              <Table.Td>{part.how}</Table.Td>
              <Table.Td className="mono" style={{ paddingLeft: 12 + 16 * depth }}>
                {part.text}
              </Table.Td>
              <Table.Td className="figure" ta="right">
                {part.rows !== null ? `${count(part.rows)} frames` : part.stretches !== null ? `${count(part.stretches)} stretches` : ""}
              </Table.Td>
              <Table.Td className="figure" ta="right">
                {(part.seconds * 1000).toFixed(1)} ms
              </Table.Td>
              <Table.Td>{part.note}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {note}
        </Text>
      ))}
    </Card>
  );
}
