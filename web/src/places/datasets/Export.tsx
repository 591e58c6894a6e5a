/** A version as files: what a format cannot hold is told before anything is written. */
import { Alert, Badge, Button, Card, Chip, Group, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { bytes, count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import { frames, type Version } from "./ask";

const SPLITS = ["train", "val", "test"] as const;

export function Export({ of }: { of: Version }) {
  const { format = "folder", splits = "" } = useSearch({ from: "/dataset/$" });
  const has = SPLITS.filter((name) => of.splits[name]);
  const named = has.filter((name) => splits.split(",").includes(name));
  const chosen = named.length > 0 ? named : has;
  const asked = named.length > 0 ? named : [...SPLITS];
  const go = useNavigate();
  const { may, why } = useMay("export_dataset");
  const formats = useQuery({
    queryKey: ["formats"],
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/label-formats")),
  });
  const losses = useQuery({
    queryKey: ["losses", of.id, format, asked],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/losses", { params: { path: { id: of.id }, query: { format, split: asked } } })),
  });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/datasets/{id}:export", {
          params: { path: { id: of.id }, header: { "Idempotency-Key": idempotencyKey() } },
          body: { format, splits: asked },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  const look = (more: { format?: string | undefined; splits?: string | undefined }) => {
    send.reset();
    void go({ to: "/dataset/$", params: { _splat: of.id }, search: { tab: "export", format, splits: splits || undefined, ...more }, replace: true });
  };
  const at = formats.data?.formats.find((item) => item.name === format);
  return (
    <Card withBorder maw={980}>
      <Title order={2} size="h5">
        Export
      </Title>
      <Group align="flex-end" mt="xs">
        <Select
          label="Format"
          w={420}
          allowDeselect={false}
          searchable
          value={format}
          data={(formats.data?.formats ?? []).map((item) => ({ value: item.name, label: `${item.name}: ${item.title}` }))}
          onChange={(value) => {
            look({ format: value ?? undefined });
          }}
        />
        <Chip.Group
          multiple
          value={chosen}
          onChange={(value) => {
            if (value.length > 0) look({ splits: value.length < has.length ? value.join(",") : undefined });
          }}
        >
          <Group gap={4} role="group" aria-label="splits">
            {has.map((name) => (
              <Chip key={name} value={name} size="sm">
                {name}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Button disabled={!may} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Export {count(chosen.reduce((sum, name) => sum + frames(of.splits[name] ?? {}), 0))} frames
        </Button>
        {!may && <Text size="xs">{why}</Text>}
      </Group>
      {at && (
        <Text size="xs" c="dimmed" mt={4}>
          Holds {at.shapes.join(", ") || "no shape"} as they are; checked against: {at.verified || "nothing yet"}.
        </Text>
      )}
      <Text size="sm" mt="xs">
        {chosen.includes("test") ? "This export is a look at the test rows, in your name." : "No test row goes out: this is no look at them."}
      </Text>
      <Stack mt="md" gap="xs">
        {send.error && <Failed error={send.error} />}
        {send.data && (
          <Work id={send.data.operation.id} what="Export" renews={["looks"]}>
            {(result) => (
              <Alert color="teal" title={`${count(Number(result.pictures))} pictures, ${count(Number(result.annotations))} annotations`}>
                <Group>
                  <Button component="a" href={String(result.file)} download>
                    Download {bytes(Number(result.bytes))}
                  </Button>
                  <Text size="sm">Kept for seven days. The list of losses is in it.</Text>
                </Group>
              </Alert>
            )}
          </Work>
        )}
        {losses.isPending && <Waiting what="losses" />}
        {losses.error && <Failed error={losses.error} />}
        {losses.data && <Losses of={losses.data} />}
      </Stack>
    </Card>
  );
}

function Losses({ of }: { of: Schemas["LossesTold"] }) {
  return (
    <>
      <Group gap="xs">
        <Title order={3} size="h6">
          What {of.format} cannot hold
        </Title>
        <Badge variant="light" color={of.losses.length ? "orange" : "teal"} tt="none">
          {of.losses.length ? `${of.losses.length} losses` : "nothing is lost"}
        </Badge>
      </Group>
      {of.losses.length > 0 && (
        <Table verticalSpacing={4} aria-label="losses">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>What</Table.Th>
              <Table.Th ta="right">How many</Table.Th>
              <Table.Th>Why</Table.Th>
              <Table.Th>Becomes</Table.Th>
              <Table.Th>For example</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.losses.map((loss) => (
              <Table.Tr key={loss.what + loss.why}>
                <Table.Td fw={600}>{loss.what}</Table.Td>
                <Table.Td ta="right" className="figure">
                  {count(loss.count)}
                </Table.Td>
                <Table.Td>{loss.why}</Table.Td>
                <Table.Td>{loss.becomes || "left out"}</Table.Td>
                <Table.Td maw={240}>
                  <Text size="xs" className="mono" truncate title={loss.examples.join("\n")}>
                    {loss.examples[0]}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <CommandLine text={of.cli} />
    </>
  );
}
