/** Test rows: who looked at them, and whether they are locked. */
import { Badge, Button, Card, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { count, many, moment } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { useMay } from "../../parts/Work";
import { type Version, useLooks } from "./ask";
import { useTarget } from "./target";

export function Looks({ of }: { of: Version }) {
  const asked = useLooks(of.id);
  if (asked.isPending) return <Waiting what="looks" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const { looks, test, locked, cli } = asked.data;
  const same = looks.filter((look) => look.test === test).length;
  return (
    <Stack>
      <Lock of={of} locked={locked} />
      <Card withBorder>
        <Title order={2} size="h5">
          {test ? `${many(same, "look")} at these test rows` : "It keeps no test rows"}
        </Title>
        <Text size="sm" c="dimmed">
          Every use that shows what is in them is written down. A test set wears out with each look that somebody acts on.
        </Text>
        {looks.length > 0 && (
          <Table mt="xs" verticalSpacing={4} aria-label="looks at test rows">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When (UTC)</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th ta="right">Frames</Table.Th>
                <Table.Th>Test rows</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...looks].reverse().map((look) => (
                <Table.Tr key={`${look.at_ns} ${look.why}`}>
                  <Table.Td className="figure">{moment(look.at_ns)}</Table.Td>
                  <Table.Td>{look.who}</Table.Td>
                  <Table.Td className="break">{look.why}</Table.Td>
                  <Table.Td ta="right" className="figure">
                    {count(look.frames)}
                  </Table.Td>
                  <Table.Td>{look.test === test ? "these" : "of an earlier version"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group mt="xs">
          <CommandLine text={cli} />
        </Group>
      </Card>
    </Stack>
  );
}

function Lock({ of, locked }: { of: Version; locked: boolean }) {
  const [reason, setReason] = useState("");
  const { name, names, asks } = useTarget(of);
  const lock = useMay("lock_dataset");
  const unlock = useMay("unlock_dataset");
  const { may, why } = locked ? unlock : lock;
  const go = useNavigate();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => {
      const how = { params: { path: { id: name ?? "" }, header: { "if-match": `"${of.id}"`, "Idempotency-Key": idempotencyKey() } }, body: { reason } };
      return data(locked ? api.POST("/api/v1/datasets/{id}:unlock", how) : api.POST("/api/v1/datasets/{id}:lock", how));
    },
    onSuccess: () => {
      for (const key of ["datasets", "dataset", "looks"]) void queries.invalidateQueries({ queryKey: [key] });
      void go({ to: "/dataset/$", params: { _splat: name ?? of.id }, search: { tab: "test" } });
    },
  });
  return (
    <Card withBorder>
      <Group justify="space-between" align="flex-end">
        <div>
          <Group gap="xs">
            <Title order={2} size="h5">
              Test rows are {locked ? "locked" : "open"}
            </Title>
            <Badge variant="outline" color={locked ? "teal" : "gray"} tt="none">
              {locked ? "locked" : "open"}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {locked ? "No append, merge or revert changes them. Unlocking takes an approver, and stays in the history." : "Lock them before a gate is frozen: nothing changes them until somebody unlocks."}
          </Text>
        </div>
        {names.length > 0 ? (
          <Group align="flex-end">
            {asks}
            <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
            <Button variant={locked ? "light" : "filled"} disabled={!may || !reason || !name} title={why} loading={send.isPending} onClick={() => send.mutate()}>
              {locked ? "Unlock" : "Lock"}
            </Button>
          </Group>
        ) : (
          <Text size="sm">Open the newest version of a dataset to lock it.</Text>
        )}
      </Group>
      {!may && why && (
        <Text size="xs" c="dimmed">
          {why}
        </Text>
      )}
      {send.error && <Failed error={send.error} />}
    </Card>
  );
}
