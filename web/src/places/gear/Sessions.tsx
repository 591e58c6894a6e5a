/** Browsers that are signed in: who, since when, how; and to sign them out. */
import { Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useAllowed, type Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { moment } from "../../parts/Figure";
import { Failed, Nothing, Waiting } from "../../parts/States";

type Session = Schemas["SessionItem"];

export function Sessions() {
  const may = useAllowed("list_sessions");
  const cache = useQueryClient();
  const asked = useQuery({
    queryKey: ["sessions"],
    enabled: may,
    queryFn: () => data(api.GET("/api/v1/sessions", { params: { query: { limit: 1000 } } })),
  });
  const [error, setError] = useState<unknown>(null);
  if (!may) return <Nothing title="Only an admin sees who is signed in" />;
  if (asked.isPending) return <Waiting what="sessions" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const end = async (sent: Promise<unknown>) => {
    setError(null);
    try {
      await sent;
    } catch (problem) {
      setError(problem);
    }
    await cache.invalidateQueries({ queryKey: ["sessions"] });
  };
  const endOne = (id: string) => end(data(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } })));
  const endAll = (who: string) =>
    end(data(api.POST("/api/v1/sessions/{name}:end", { params: { path: { name: who }, header: { "Idempotency-Key": idempotencyKey() } } })));
  const times = new Map<string, number>();
  for (const item of asked.data.items) times.set(item.who, (times.get(item.who) ?? 0) + 1);
  const several = [...times].filter(([, count]) => count > 1).map(([who]) => who);
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Whose browser is signed out can sign in again with a token that is good, or where single sign-on still gives them a role.
      </Text>
      {error !== null && <Failed error={error} />}
      {several.length > 0 && (
        <Group gap="xs">
          {several.map((who) => (
            <Button key={who} size="compact-sm" variant="light" color="red" onClick={() => void endAll(who)}>
              Sign {who} out everywhere
            </Button>
          ))}
        </Group>
      )}
      <Table.ScrollContainer minWidth={760} type="native" tabIndex={0} role="region" aria-label="table of sessions">
        <Table aria-label="sessions">
          <Table.Thead>
            <Table.Tr>
              {["Who", "Role", "Signed in by", "Since", "Until", "Last used"].map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {asked.data.items.map((item) => (
              <Row key={item.id} of={item} onEnd={() => void endOne(item.id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Row({ of, onEnd }: { of: Session; onEnd: () => void }) {
  return (
    <Table.Tr>
      <Table.Td>
        {of.who}
        {of.own && (
          <Badge size="xs" variant="default" ml={6} tt="none">
            this one
          </Badge>
        )}
      </Table.Td>
      <Table.Td>{of.role}</Table.Td>
      <Table.Td>{of.how || "not kept"}</Table.Td>
      <Table.Td className="figure">{moment(of.created_ns)}</Table.Td>
      <Table.Td className="figure">{moment(of.expires_ns)}</Table.Td>
      <Table.Td className="figure">{of.used_ns ? moment(of.used_ns) : "never"}</Table.Td>
      <Table.Td>
        <Button size="compact-xs" variant="subtle" color="red" aria-label={`Sign out ${of.who}, since ${moment(of.created_ns)}`} onClick={onEnd}>
          Sign out
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
