/** Names of a version and where they pointed; tag, branch, go back to it. */
import { Anchor, Button, Card, Group, SimpleGrid, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { moment } from "../../parts/Figure";
import { Failed, Waiting } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import { type Version, movables, useNames, useVersion } from "./ask";

export function Names({ of }: { of: Version }) {
  const at = useParams({ from: "/dataset/$" })._splat ?? "";
  const meant = /^[^:]+$/.test(at) ? at.split("@")[0] : undefined;
  const name = meant ?? movables(of)[0] ?? of.names[0]?.split("@")[0] ?? of.header.name;
  const asked = useNames(name);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Card withBorder>
        <Title order={2} size="h5" mb="xs">
          Where {name} and its tags pointed
        </Title>
        {asked.isPending && <Waiting what="names" />}
        {asked.error && <Failed error={asked.error} />}
        <Table verticalSpacing={4} aria-label="where names pointed">
          <Table.Tbody>
            {[...(asked.data?.moves ?? [])].reverse().map((move) => (
              <Table.Tr key={`${move.name} ${move.moved_ns}`}>
                <Table.Td>{move.name.replace("dataset:", "")}</Table.Td>
                <Table.Td>
                  <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: move.artifact }} {...props} />} size="sm" className="mono">
                    {move.artifact.slice(8, 18)}
                  </Anchor>
                </Table.Td>
                <Table.Td className="break">{move.reason}</Table.Td>
                <Table.Td className="figure">{moment(move.moved_ns)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      <Stack>
        <Tag of={of} name={name} />
        <Branch of={of} name={name} />
        <Revert of={of} name={name} />
      </Stack>
    </SimpleGrid>
  );
}

function Tag({ of, name }: { of: Version; name: string }) {
  const [tag, setTag] = useState("");
  const { may, why } = useMay("tag_dataset");
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => data(api.POST("/api/v1/datasets/{id}:tag", { params: { path: { id: name }, header: { "Idempotency-Key": idempotencyKey() } }, body: { tag, at: of.id, move: false, reason: "" } })),
    onSuccess: (told) => {
      notifications.show({ message: `${told.name} stands for this version` });
      setTag("");
      for (const key of ["names", "dataset", "datasets"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Give this version a tag
      </Title>
      <Text size="sm" c="dimmed">
        A name that stays: {name}@{tag || "v1"}
      </Text>
      <Group mt="xs" align="flex-end">
        <TextInput label="Tag" placeholder="v1" value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
        <Button disabled={!may || !tag} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Tag it
        </Button>
      </Group>
      {send.error && <Failed error={send.error} />}
    </Card>
  );
}

function Branch({ of, name }: { of: Version; name: string }) {
  const [next, setNext] = useState("");
  const { may, why } = useMay("branch_dataset");
  const go = useNavigate();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => data(api.POST("/api/v1/datasets/{id}:branch", { params: { path: { id: name }, header: { "Idempotency-Key": idempotencyKey() } }, body: { name: next, at: of.id } })),
    onSuccess: (told) => {
      void queries.invalidateQueries({ queryKey: ["datasets"] });
      void go({ to: "/dataset/$", params: { _splat: told.name }, search: {} });
    },
  });
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Branch from this version
      </Title>
      <Text size="sm" c="dimmed">
        Another dataset that begins here. Nothing is copied; a merge brings its edits back.
      </Text>
      <Group mt="xs" align="flex-end">
        <TextInput label="Name of the branch" placeholder={`${name}-night`} value={next} onChange={(event) => setNext(event.currentTarget.value)} />
        <Button disabled={!may || !next} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Branch
        </Button>
      </Group>
      {send.error && <Failed error={send.error} />}
    </Card>
  );
}

function Revert({ of, name }: { of: Version; name: string }) {
  const [reason, setReason] = useState("");
  const { may, why } = useMay("revert_dataset");
  const now = useVersion(name);
  const current = now.data?.dataset;
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/datasets/{id}:revert", {
          params: { path: { id: name }, header: { "if-match": `"${current?.id ?? ""}"`, "Idempotency-Key": idempotencyKey() } },
          body: { version: of.id, reason },
        }),
      ),
  });
  if (!current || current.id === of.id) return null;
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Go back to this version
      </Title>
      <Text size="sm" c="dimmed">
        {name} gets these rows again as a new version. What came since stays in the history.
      </Text>
      <Group mt="xs" align="flex-end">
        <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} flex={1} />
        <Button variant="light" disabled={!may || !reason} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Revert {name}
        </Button>
      </Group>
      {send.error && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Revert" renews={["datasets", "dataset", "names"]}>
          {() => <Text size="sm" mt="xs">{name} has these rows again.</Text>}
        </Work>
      )}
    </Card>
  );
}
