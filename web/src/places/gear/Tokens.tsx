/** Tokens of people and programs: made with a role, scopes and an end; taken back. */
import { Alert, Button, Checkbox, Code, Group, NumberInput, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useMe } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { moment } from "../../parts/Figure";
import { Failed, Nothing } from "../../parts/States";

const ROLES = ["viewer", "labeller", "reviewer", "engineer", "approver", "admin"];
const SCOPES = ["read", "label", "write", "promote", "administer"];

export function Tokens() {
  const me = useMe();
  const cache = useQueryClient();
  const may = me.data?.operations.includes("list_tokens") ?? false;
  const asked = useQuery({ queryKey: ["tokens"], enabled: may, queryFn: () => data(api.GET("/api/v1/tokens")) });
  const [secret, setSecret] = useState("");
  const [error, setError] = useState<unknown>(null);
  if (!may) return <Nothing title="Only an admin sees tokens" />;
  const made = (told: string) => {
    setSecret(told);
    return cache.invalidateQueries({ queryKey: ["tokens"] });
  };
  const revoke = async (id: string) => {
    try {
      await api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } });
      await cache.invalidateQueries({ queryKey: ["tokens"] });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Stack>
      <Form onMade={made} onError={setError} />
      {secret && (
        <Alert color="green" title="The token, told this once" withCloseButton onClose={() => setSecret("")}>
          <Code className="break">{secret}</Code>
        </Alert>
      )}
      {error !== null && <Failed error={error} />}
      {asked.error && <Failed error={asked.error} />}
      {asked.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody has a token yet.
        </Text>
      )}
      <Table.ScrollContainer minWidth={760} type="native" tabIndex={0} role="region" aria-label="table of tokens">
        <Table aria-label="tokens">
          <Table.Thead>
            <Table.Tr>
              {["Who", "Role", "Scopes", "Made", "Ends", "Last used"].map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(asked.data?.items ?? []).map((item) => (
              <Table.Tr key={item.id}>
                <Table.Td>{item.who}</Table.Td>
                <Table.Td>{item.role}</Table.Td>
                <Table.Td>{item.scopes.length === SCOPES.length ? "all" : item.scopes.join(", ")}</Table.Td>
                <Table.Td className="figure">{moment(item.created_ns)}</Table.Td>
                <Table.Td className="figure">{moment(item.expires_ns)}</Table.Td>
                <Table.Td className="figure">{item.used_ns ? moment(item.used_ns) : "never"}</Table.Td>
                <Table.Td>
                  {item.revoked_ns ? (
                    <Text size="xs" c="dimmed">
                      taken back
                    </Text>
                  ) : (
                    <Button size="compact-xs" variant="subtle" color="red" onClick={() => void revoke(item.id)}>
                      Revoke
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

/** For whom, as what, for which things, for how long. */
function Form({ onMade, onError }: { onMade: (secret: string) => Promise<void>; onError: (problem: unknown) => void }) {
  const [who, setWho] = useState("");
  const [role, setRole] = useState("viewer");
  const [scopes, setScopes] = useState(SCOPES);
  const [days, setDays] = useState<number | string>(90);
  const make = async () => {
    onError(null);
    try {
      const made = await data(
        api.POST("/api/v1/tokens", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { who, role, scopes, days: Number(days) },
        }),
      );
      setWho("");
      await onMade(made.secret);
    } catch (problem) {
      onError(problem);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Stack gap="xs">
        <Group align="flex-end">
          <TextInput label="For whom" required value={who} onChange={(event) => setWho(event.currentTarget.value)} />
          <Select label="Role" data={ROLES} value={role} allowDeselect={false} onChange={(value) => setRole(value ?? "viewer")} />
          <NumberInput label="Days" min={1} max={3650} w={90} value={days} onChange={setDays} />
          <Button type="submit" disabled={scopes.length === 0}>
            Make a token
          </Button>
        </Group>
        <Checkbox.Group label="Scopes" description="Of what the role may do, what the token may" value={scopes} onChange={(some) => setScopes(SCOPES.filter((scope) => some.includes(scope)))}>
          <Group mt={4}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} size="xs" />
            ))}
          </Group>
        </Checkbox.Group>
      </Stack>
    </form>
  );
}
