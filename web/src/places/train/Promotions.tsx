/** Champions take two people: one proposes a model version, another agrees. */
import { Badge, Button, Group, Select, Stack, Table, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { type Schemas, useMe } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { moment } from "../../parts/Figure";
import { short } from "../../parts/Lineage";
import { Failed } from "../../parts/States";
import { useMay } from "../../parts/Work";

type Promotion = Schemas["Promotion"];

const SHOWN = 10;
const COLOURS: Record<string, string> = { agreed: "green", declined: "red" };

export function Promotions({ models }: { models: readonly { id: string; names: readonly string[] }[] }) {
  const asked = useQuery({
    queryKey: ["promotions"],
    queryFn: () => data(api.GET("/api/v1/promotions", { params: { query: { limit: SHOWN } } })),
  });
  const items = asked.data?.items ?? [];
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Champions
      </Title>
      <Propose models={models} />
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {items.length > 0 && (
        <Table aria-label="promotions">
          <Table.Tbody>
            {items.map((item) => (
              <Row key={item.id} item={item} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

function Propose({ models }: { models: readonly { id: string; names: readonly string[] }[] }) {
  const { may, why } = useMay("propose_promotion");
  const cache = useQueryClient();
  const champions = [...new Set(models.flatMap((model) => model.names.filter((name) => name.endsWith(":champion"))))];
  const [name, setName] = useState<string | null>(null);
  const [artifact, setArtifact] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const chosen = name ?? champions[0] ?? "";
  const work = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/promotions", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { name: chosen, artifact: artifact ?? "", reason },
        }),
      ),
    onSuccess: async () => {
      setReason("");
      await cache.invalidateQueries({ queryKey: ["promotions"] });
    },
  });
  const whole = Boolean(chosen && artifact && reason.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        work.mutate();
      }}
    >
      <Group align="flex-end" gap="sm">
        <Select label="Champion" data={champions} value={chosen} onChange={setName} disabled={!may} w={200} />
        <Select
          label="Is to be"
          placeholder="a model version"
          data={models.map((model) => ({ value: model.id, label: model.names[0] ? `${model.names[0]} (${short(model.id)})` : short(model.id) }))}
          value={artifact}
          onChange={setArtifact}
          disabled={!may}
          searchable
          w={300}
        />
        <TextInput label="Because" value={reason} onChange={(event) => setReason(event.currentTarget.value)} disabled={!may} w={260} />
        <Button type="submit" disabled={!may || !whole} loading={work.isPending}>
          Propose
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {may ? "Where several people sign in, another one with role approver has to agree." : why}
      </Text>
      {work.error && <Failed error={work.error} />}
    </form>
  );
}

function Row({ item }: { item: Promotion }) {
  const { may, why } = useMay("decide_promotion");
  const me = useMe().data?.who;
  const cache = useQueryClient();
  const work = useMutation({
    mutationFn: (agree: boolean) =>
      data(
        api.POST("/api/v1/promotions/{id}:decide", {
          params: { path: { id: item.id }, header: { "Idempotency-Key": idempotencyKey() } },
          body: { agree },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ predicate: ({ queryKey }) => ["promotions", "models", "aliases"].includes(String(queryKey[0])) }),
  });
  const own = me === item.proposed_by;
  const reason = !may ? why : own ? "You proposed it: another person has to agree." : "";
  return (
    <>
      <Table.Tr>
        <Table.Td>{item.name}</Table.Td>
        <Table.Td className="mono">{short(item.artifact)}</Table.Td>
        <Table.Td className="break">{item.reason}</Table.Td>
        <Table.Td>
          {item.proposed_by}, {moment(item.proposed_ns)}
        </Table.Td>
        <Table.Td>
          {item.state === "proposed" ? (
            <Group gap="xs" wrap="nowrap">
              <Tooltip label={reason} disabled={!reason}>
                <Button size="compact-xs" disabled={Boolean(reason)} loading={work.isPending} onClick={() => work.mutate(true)}>
                  Agree
                </Button>
              </Tooltip>
              <Button size="compact-xs" variant="light" color="red" disabled={!may} onClick={() => work.mutate(false)}>
                Decline
              </Button>
            </Group>
          ) : (
            <Badge size="sm" variant="light" color={COLOURS[item.state] ?? "gray"}>
              {item.state} by {item.decided_by}
            </Badge>
          )}
        </Table.Td>
      </Table.Tr>
      {(work.error || (item.state === "proposed" && reason)) && (
        <Table.Tr>
          <Table.Td colSpan={5}>
            {work.error ? (
              <Failed error={work.error} />
            ) : (
              <Text size="xs" c="dimmed">
                {reason}
              </Text>
            )}
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}
