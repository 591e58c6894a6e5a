/** Score a model version on the test rows of a dataset version, as long work. */
import { Alert, Anchor, Button, Card, Group, Select, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { Failed } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";

export function Evaluate({ model: given }: { model?: string | undefined }) {
  const [model, setModel] = useState<string | null>(given ?? null);
  const [dataset, setDataset] = useState<string | null>(null);
  const { may, why } = useMay("evaluate_model");
  const models = useQuery({ queryKey: ["models"], queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 1000 } } })) });
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => data(api.GET("/api/v1/datasets", { params: { query: { limit: 1000 } } })) });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/evaluations", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { model: model ?? "", dataset: dataset ?? "", categories: [], confidence: 0.95, seed: 0 },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  return (
    <Card withBorder>
      <Group align="flex-end">
        <Select label="Model" w={260} searchable data={(models.data?.items ?? []).flatMap((item) => item.names)} value={model} onChange={setModel} />
        <Select label="On the test rows of" w={260} searchable data={(datasets.data?.items ?? []).flatMap((item) => item.names)} value={dataset} onChange={setDataset} />
        <Button disabled={!may || !model || !dataset} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Evaluate
        </Button>
        <Text size="xs" c="dimmed">
          {may ? "This is a look at the test rows, in your name." : why}
        </Text>
      </Group>
      {send.error && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Evaluation" renews={["evaluations", "training-runs"]}>
          {(result) => (
            <Alert mt="sm" color="teal" title="Evaluated">
              <Anchor renderRoot={(props) => <Link to="/validate" search={{ evaluation: String(result.evaluation) }} {...props} />} size="sm">
                Its KPIs
              </Anchor>
            </Alert>
          )}
        </Work>
      )}
    </Card>
  );
}
