/** Build a plan of a model for the server's machine. */
import { Alert, Button, Card, Group, NumberInput, Select, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { Failed } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";

export function Build() {
  const [model, setModel] = useState<string | null>(null);
  const [threads, setThreads] = useState(1);
  const { may, why } = useMay("build_plan");
  const models = useQuery({ queryKey: ["models"], queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 1000 } } })) });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/plans", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { model: model ?? "", on: "all", threads },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  return (
    <Card withBorder>
      <Group align="flex-end">
        <Select label="Model" searchable data={(models.data?.items ?? []).flatMap((item) => item.names)} value={model} onChange={setModel} />
        <NumberInput label="Threads" min={1} max={256} value={threads} onChange={(value) => setThreads(Number(value))} w={110} />
        <Button disabled={!may || !model} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Build a plan for this machine
        </Button>
        <Text size="xs" c="dimmed">
          {may ? "Refused where its answers differ from those of the network." : why}
        </Text>
      </Group>
      {send.error && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Plan" renews={["plans"]}>
          {(result) => (
            <Alert mt="sm" color="teal" title="Built, and its answers are those of the network">
              <Text size="sm" className="mono break">
                {String(result.plan)}
              </Text>
            </Alert>
          )}
        </Work>
      )}
    </Card>
  );
}
