/** What the workspace takes, the long work it did, who may enter, and the audit chain. */
import { Badge, Button, Card, Group, Stack, Table, Tabs, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { useMe, useOperations } from "../api/ask";
import { api, data, idempotencyKey } from "../api/client";
import { bytes, count, duration, moment } from "../parts/Figure";
import { Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";
import { useMay } from "../parts/Work";
import { Sessions } from "./gear/Sessions";
import { Tokens } from "./gear/Tokens";

/** What each tab is called, where its values are, and which line gives them. */
const TABS: Record<string, { name: string; json: string; cli: string }> = {
  storage: { name: "Storage", json: "/api/v1/storage", cli: "ringroad status" },
  work: { name: "Long work", json: "/api/v1/operations", cli: "ringroad workflows list" },
  tokens: { name: "Tokens", json: "/api/v1/tokens", cli: "ringroad tokens list" },
  sessions: { name: "Sessions", json: "/api/v1/sessions", cli: "ringroad sessions list" },
  audit: { name: "Audit", json: "/api/v1/audit", cli: "ringroad audit list" },
};
const FIRST = "storage";

export function Gear() {
  const { tab = FIRST } = useSearch({ from: "/gear" });
  const go = useNavigate();
  const shown = TABS[tab] ? tab : FIRST;
  return (
    <Page title="Workspace" about="Storage, long work, tokens, sessions, audit" cli={TABS[shown]?.cli} json={TABS[shown]?.json}>
      <Tabs value={shown} onChange={(value) => void go({ to: "/gear", search: { tab: value === FIRST ? undefined : (value ?? undefined) } })} keepMounted={false}>
        <Tabs.List>
          {Object.entries(TABS).map(([value, { name }]) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="storage" pt="md">
          <Storage />
        </Tabs.Panel>
        <Tabs.Panel value="work" pt="md">
          <Work />
        </Tabs.Panel>
        <Tabs.Panel value="tokens" pt="md">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="sessions" pt="md">
          <Sessions />
        </Tabs.Panel>
        <Tabs.Panel value="audit" pt="md">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Storage() {
  const asked = useQuery({ queryKey: ["storage"], queryFn: () => data(api.GET("/api/v1/storage")) });
  if (asked.isPending) return <Waiting what="storage" />;
  if (asked.error) return <Failed error={asked.error} />;
  const kinds = Object.entries(asked.data.kinds).sort(([, a], [, b]) => (b.bytes ?? 0) - (a.bytes ?? 0));
  const most = Math.max(1, ...kinds.map(([, held]) => held.bytes ?? 0));
  return (
    <Stack>
      <Group gap="xl">
        <Text size="sm">
          In place: <b>{bytes(asked.data.in_place_bytes)}</b>
        </Text>
        <Text size="sm">
          Free: <b>{bytes(asked.data.free_bytes)}</b> of {bytes(asked.data.disk_bytes)}
        </Text>
        <Capacity total={kinds.reduce((sum, [, held]) => sum + (held.bytes ?? 0), 0)} free={asked.data.free_bytes} seconds={asked.data.recorded_s} />
      </Group>
      <Table aria-label="bytes by kind">
        <Table.Tbody>
          {kinds.map(([kind, held]) => (
            <Table.Tr key={kind}>
              <Table.Td w={200}>{kind}</Table.Td>
              <Table.Td w={90} className="figure">
                {count(held.artifacts ?? 0)}
              </Table.Td>
              <Table.Td w={110} className="figure">
                {bytes(held.bytes ?? 0)}
              </Table.Td>
              <Table.Td>
                <div style={{ height: 8, width: `${(100 * (held.bytes ?? 0)) / most}%`, background: "var(--mantine-primary-color-filled)", borderRadius: 2 }} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

/** How much more there is room for, if it is like what is here. */
function Capacity({ total, free, seconds }: { total: number; free: number; seconds: number }) {
  if (seconds <= 0 || total <= 0) return null;
  return (
    <Text size="sm">
      Recorded: <b>{duration(seconds * 1e9)}</b>, {bytes((3600 * total) / seconds)} an hour with all that was made of it; room for about <b>{duration((1e9 * free * seconds) / total)}</b> more, copied in
    </Text>
  );
}

function Work() {
  const { may, why } = useMay("cancel_operation");
  const seen = useMay("list_operations");
  const asked = useOperations();
  const cache = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  if (!seen.may) return <Nothing title="Long work is not told to who draws" />;
  if (asked.isPending) return <Waiting what="operations" />;
  if (asked.error) return <Failed error={asked.error} />;
  if (asked.data.items.length === 0) return <Nothing title="No long work was asked of this server yet" />;
  const cancel = async (id: string) => {
    try {
      await api.POST("/api/v1/operations/{id}:cancel", { params: { path: { id }, header: { "Idempotency-Key": idempotencyKey() } } });
      await cache.invalidateQueries({ queryKey: ["operations"] });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Stack>
      {error !== null && <Failed error={error} />}
      {!may && (
        <Text size="sm" c="dimmed">
          {why}
        </Text>
      )}
      <Table aria-label="operations">
        <Table.Tbody>
          {asked.data.items.map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td>{item.kind}</Table.Td>
              <Table.Td>
                <Badge size="sm" variant="light" color={item.state === "failed" ? "red" : item.state === "done" ? "green" : "gray"}>
                  {item.state}
                </Badge>
              </Table.Td>
              <Table.Td>{item.who}</Table.Td>
              <Table.Td className="figure">{moment(item.created_ns)}</Table.Td>
              <Table.Td className="figure">{item.started_ns && item.ended_ns ? duration(item.ended_ns - item.started_ns) : ""}</Table.Td>
              <Table.Td>{item.problem ? String((item.problem as Record<string, unknown>).detail ?? "") : ""}</Table.Td>
              <Table.Td>
                {(item.state === "queued" || item.state === "running") && (
                  <Button size="compact-xs" variant="light" color="red" disabled={!may} title={may ? undefined : why} onClick={() => void cancel(item.id)}>
                    Cancel
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Audit() {
  const me = useMe();
  const may = me.data?.operations.includes("list_audit") ?? false;
  const asked = useQuery({
    queryKey: ["audit"],
    enabled: may,
    queryFn: () => data(api.GET("/api/v1/audit", { params: { query: { limit: 200 } } })),
  });
  const checked = useQuery({
    queryKey: ["audit", "verified"],
    enabled: may,
    queryFn: () => data(api.GET("/api/v1/audit/verification")),
  });
  if (!may) return <Nothing title="Only an admin sees the audit chain" />;
  if (asked.error) return <Failed error={asked.error} />;
  return (
    <Stack>
      {checked.data && (
        <Card withBorder p="xs">
          <Text size="sm">
            The chain of {count(checked.data.entries)} entries is whole; head <span className="mono">{checked.data.head.slice(0, 16)}</span>
          </Text>
        </Card>
      )}
      {checked.error && <Failed error={checked.error} />}
      <Table aria-label="audit">
        <Table.Tbody>
          {(asked.data?.items ?? []).map((item) => (
            <Table.Tr key={item.number}>
              <Table.Td className="figure">{moment(item.at_ns)}</Table.Td>
              <Table.Td>{item.who || item.peer || "nobody"}</Table.Td>
              <Table.Td>{item.operation}</Table.Td>
              <Table.Td className="break">{item.subject}</Table.Td>
              <Table.Td>
                <Badge size="sm" variant="light" color={item.status < 400 ? "green" : "red"}>
                  {item.status} {item.code}
                </Badge>
                {(item.count ?? 1) > 1 && (
                  <Text span size="xs" ml={6}>
                    {count(item.count ?? 1)} times
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
