/** Model versions with their names. */
import { Anchor, Badge, Group, Stack, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { bytes, count } from "../../parts/Figure";
import { LineageButton, short } from "../../parts/Lineage";
import { Failed } from "../../parts/States";
import { Promotions } from "./Promotions";
import { useModels } from "./ask";

const SHOWN = 20;

export function Models() {
  const asked = useModels();
  const items = [...(asked.data?.items ?? [])].sort((a, b) => b.names.length - a.names.length);
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Model versions
      </Title>
      {asked.error && <Failed error={asked.error} />}
      <Table aria-label="model versions">
        <Table.Tbody>
          {items.slice(0, SHOWN).map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td className="mono">{short(item.id)}</Table.Td>
              <Table.Td>
                {item.names.map((name) => (
                  <Badge key={name} size="sm" variant="light" tt="none" mr={4}>
                    {name}
                  </Badge>
                ))}
              </Table.Td>
              <Table.Td className="figure">{bytes(item.size_bytes)}</Table.Td>
              <Table.Td>
                <Group gap="md">
                  {item.names[0] && (
                    <Anchor renderRoot={(props) => <Link to="/validate" search={{ view: "course", alias: item.names[0] }} {...props} />} size="xs">
                      KPIs over time
                    </Anchor>
                  )}
                  <LineageButton id={item.id} />
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {items.length > SHOWN && (
        <Text size="xs" c="dimmed">
          {count(items.length - SHOWN)} more: ringroad models list
        </Text>
      )}
      {asked.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet.
        </Text>
      )}
      {items.length > 0 && <Promotions models={items} />}
    </Stack>
  );
}
