/** All selections: open one, compare two, thin one. */
import { Anchor, Badge, Button, Checkbox, Group, Stack, Table, Text } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { useSelections } from "./ask";
import { Comparison } from "./Comparison";
import { Thin } from "./Thin";

export function Selections() {
  const asked = useSelections();
  const go = useNavigate();
  const { compare = "" } = useSearch({ from: "/curate" });
  const picked = compare.split(" ").filter(Boolean);
  const pick = (name: string) => {
    const next = picked.includes(name) ? picked.filter((one) => one !== name) : [...picked, name].slice(-2);
    void go({ to: "/curate", search: { view: "selections", compare: next.join(" ") || undefined }, replace: true });
  };
  if (asked.isPending) return <Waiting what="selections" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const items = asked.data.items;
  if (items.length === 0) return <Nothing title="No selections yet" command="ringroad search QUERY --save NAME">Search for frames, choose some, keep them.</Nothing>;
  const [one = "", other = items.length > 0 && picked.length === 1 ? "all" : ""] = picked;
  return (
    <Stack>
      <Table aria-label="selections" striped>
        <Table.Thead>
          <Table.Tr>
            {["Compare", "Selection", "Frames", "Found by", ""].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.name + String(item.living)}>
              <Table.Td w={90}>
                <Checkbox size="xs" checked={picked.includes(item.name)} onChange={() => pick(item.name)} aria-label={`compare ${item.name}`} />
              </Table.Td>
              <Table.Td>
                <Group gap={6}>
                  <Anchor component={Link} to={`/curate?selection=${encodeURIComponent(item.name)}`} size="sm" fw={600}>
                    {item.name}
                  </Anchor>
                  {item.living && <Badge size="xs" variant="light">living</Badge>}
                </Group>
              </Table.Td>
              <Table.Td className="figure">{item.living ? "as found" : count(item.frames ?? 0)}</Table.Td>
              <Table.Td>
                <Text size="xs" c="dimmed" className="mono break">
                  {item.query || "by hand"}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Thin name={item.name} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {one && other ? (
        <Comparison one={one} other={other} />
      ) : (
        <Text size="sm" c="dimmed">
          Tick one selection to compare it with all frames, two to compare them.
        </Text>
      )}
      {picked.length > 0 && (
        <Group>
          <Button size="compact-sm" variant="subtle" onClick={() => void go({ to: "/curate", search: { view: "selections" }, replace: true })}>
            Compare nothing
          </Button>
        </Group>
      )}
      <CommandLine text="ringroad selections list" />
    </Stack>
  );
}
