/** Hold an evaluation against a rule; the rule is frozen by that. */
import { Alert, Anchor, Button, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { Failed } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import type { Kpi } from "./ask";

export function CheckGate({ evaluation, kpis }: { evaluation: string; kpis: readonly Kpi[] }) {
  const [open, { open: show, close }] = useDisclosure();
  const { may, why } = useMay("check_gate");
  const first = kpis[0];
  const [rule, setRule] = useState({ name: "", metric: first?.metric ?? "AP50", category: "all", slice: "all", minimum: 0.5 });
  const of = (column: "metric" | "category" | "slice") => [...new Set(kpis.map((kpi) => kpi[column]))];
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/gates", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { ...rule, kpis: evaluation, confidence: first?.confidence ?? 0.95 },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  return (
    <>
      <Button variant="light" size="compact-md" disabled={!may} title={why} onClick={show}>
        Hold against a gate
      </Button>
      <Modal opened={open} onClose={close} title="Hold these KPIs against a gate" size="lg">
        <Stack>
          <Text size="sm">Say the minimum before you act on it: the rule is kept with the verdict, and asking is a look at the test rows.</Text>
          <TextInput label="Name of the gate" value={rule.name} onChange={(event) => setRule({ ...rule, name: event.currentTarget.value })} placeholder="night" required />
          <Group grow>
            {(["metric", "category", "slice"] as const).map((column) => (
              <Select key={column} label={column} data={of(column)} value={rule[column]} onChange={(value) => setRule({ ...rule, [column]: value ?? "all" })} allowDeselect={false} />
            ))}
            <NumberInput label="Minimum" min={0} max={1} step={0.05} value={rule.minimum} onChange={(value) => setRule({ ...rule, minimum: Number(value) })} />
          </Group>
          <Group>
            <Button disabled={!rule.name} loading={send.isPending} onClick={() => send.mutate()}>
              Check
            </Button>
          </Group>
          {send.error && <Failed error={send.error} />}
          {send.data && (
            <Work id={send.data.operation.id} what="Gate" renews={["gates"]}>
              {(result) => (
                <Alert color={result.verdict === "PASS" ? "teal" : result.verdict === "FAIL" ? "red" : "yellow"} title={String(result.verdict)}>
                  <Text size="sm">{String(result.reason)}</Text>
                  <Anchor renderRoot={(props) => <Link to="/validate/gate/$id" params={{ id: String(result.gate) }} {...props} />} size="sm">
                    The frames that decided
                  </Anchor>
                </Alert>
              )}
            </Work>
          )}
        </Stack>
      </Modal>
    </>
  );
}
