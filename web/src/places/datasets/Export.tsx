/** A version as files: what a format cannot hold is told before anything is written. */
import { Alert, Badge, Button, Card, Group, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { bytes, count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import type { Version } from "./ask";

export function Export({ of }: { of: Version }) {
  const { format = "folder" } = useSearch({ from: "/dataset/$" });
  const go = useNavigate();
  const { may, why } = useMay("export_dataset");
  const formats = useQuery({
    queryKey: ["formats"],
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/label-formats")),
  });
  const losses = useQuery({
    queryKey: ["losses", of.id, format],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/losses", { params: { path: { id: of.id }, query: { format } } })),
  });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/datasets/{id}:export", {
          params: { path: { id: of.id }, header: { "Idempotency-Key": idempotencyKey() } },
          body: { format },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
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
            send.reset();
            void go({ to: "/dataset/$", params: { _splat: of.id }, search: { tab: "export", format: value ?? undefined }, replace: true });
          }}
        />
        <Button disabled={!may} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Export {count(of.frames)} frames
        </Button>
        {!may && <Text size="xs">{why}</Text>}
      </Group>
      {at && (
        <Text size="xs" c="dimmed" mt={4}>
          Holds {at.shapes.join(", ") || "no shape"} as they are; checked against: {at.verified || "nothing yet"}.
        </Text>
      )}
      <Text size="sm" mt="xs">
        An export is a look at the test rows, in your name.
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
