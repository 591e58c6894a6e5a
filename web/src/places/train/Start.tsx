/** Start a training run of the reference network, as long work. */
import { Alert, Anchor, Button, Card, Group, NumberInput, Select, SimpleGrid, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { CommandLine } from "../../parts/Page";
import { Failed } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";

const FIELDS = [
  ["epochs", "Epochs", 1, 10_000, 1],
  ["batch", "Frames per step", 1, 4096, 1],
  ["learning_rate", "Learning rate", 0.000_01, 1, 0.001],
  ["channels", "Channels", 4, 1024, 4],
  ["threads", "Threads", 1, 256, 1],
  ["seed", "Seed", 0, 2 ** 31, 1],
] as const;
type Field = (typeof FIELDS)[number][0];
const USUAL: Record<Field, number> = { epochs: 20, batch: 8, learning_rate: 0.003, channels: 16, threads: 1, seed: 0 };

export function Start() {
  const [dataset, setDataset] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [values, setValues] = useState(USUAL);
  const [start, setStart] = useState<string | null>(null);
  const { may, why } = useMay("train_network");
  const datasets = useQuery({
    queryKey: ["datasets"],
    queryFn: () => data(api.GET("/api/v1/datasets", { params: { query: { limit: 1000 } } })),
  });
  const models = useQuery({
    queryKey: ["models"],
    queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 1000 } } })),
  });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/training-runs", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { dataset: dataset ?? "", name, ...values, stride: 8, start_from: start },
        }),
      ) as Promise<{ operation: { id: string }; cli: string }>,
  });
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Start a training run
      </Title>
      <Text size="sm" c="dimmed">
        Fits the reference network to the training rows. It reads no test row. An interrupted run goes on where it was when the same is asked again.
      </Text>
      <SimpleGrid cols={{ base: 2, md: 4 }} mt="xs">
        <Select label="Dataset" required searchable data={(datasets.data?.items ?? []).flatMap((item) => item.names)} value={dataset} onChange={setDataset} />
        <TextInput label="Name of the model" placeholder={`${dataset?.split("@")[0] ?? "NAME"}:candidate`} description="NAME:candidate" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="Go on from" description="a model of equal shape" clearable searchable data={(models.data?.items ?? []).flatMap((item) => item.names)} value={start} onChange={setStart} />
        {FIELDS.map(([field, label, min, max, step]) => (
          <NumberInput key={field} label={label} min={min} max={max} step={step} value={values[field]} onChange={(value) => setValues((before) => ({ ...before, [field]: Number(value) }))} />
        ))}
      </SimpleGrid>
      <Group mt="sm">
        <Button disabled={!may || !dataset} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Train
        </Button>
        {!may && <Text size="xs">{why}</Text>}
        {send.data && <CommandLine text={send.data.cli} />}
      </Group>
      {send.error && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Training" renews={["training-runs", "models"]}>
          {(result) => (
            <Alert mt="sm" color="teal" title={`${String(result.name)} points at the new model`}>
              <Anchor renderRoot={(props) => <Link to="/validate" search={{ evaluate: String(result.name) }} {...props} />} size="sm">
                Evaluate it
              </Anchor>
            </Alert>
          )}
        </Work>
      )}
    </Card>
  );
}
