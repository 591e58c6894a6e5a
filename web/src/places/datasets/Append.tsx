/** Append a version: labelled frames of a selection on top of the version that is seen here. */
import { Alert, Anchor, Button, Card, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Problem, api, data, idempotencyKey } from "../../api/client";
import { count, many } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Nothing } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import type { Version } from "./ask";
import { useTarget } from "./target";

export function Append({ of }: { of: Version }) {
  const { name, names, asks } = useTarget(of);
  const [selection, setSelection] = useState<string | null>(null);
  const [split, setSplit] = useState<"train" | "val" | "test">("train");
  const [reason, setReason] = useState("");
  const { may, why } = useMay("append_dataset");
  const selections = useQuery({
    queryKey: ["selections"],
    queryFn: () => data(api.GET("/api/v1/selections", { params: { query: { limit: 1000 } } })),
  });
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/datasets/{id}", {
          params: { path: { id: name ?? "" }, header: { "if-match": `"${of.id}"`, "Idempotency-Key": idempotencyKey() } },
          body: { selection, split, reason, labels: [], remove: [], categories: [], test_fraction: 0.2, unit: "recording", block: 20, gap: 5, seed: 0 },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  if (names.length === 0) return <Nothing title="Only the newest version of a dataset is appended to">Open the version that a name points at, or branch from this one.</Nothing>;
  const moved = send.error instanceof Problem && send.error.status === 412;
  return (
    <Card withBorder maw={760}>
      <Title order={2} size="h5">
        Append to {name ?? "a dataset"}
      </Title>
      <Text size="sm" c="dimmed">
        Labelled frames of a selection go on top of this version. A frame that is there takes its new labels and keeps its split; a new frame of a known unit takes that unit's split.
      </Text>
      <Stack mt="sm">
        {asks}
        <Select
          label="Selection"
          placeholder={selections.data?.items.length ? "choose one" : "no selections yet: keep a search under Curate"}
          data={(selections.data?.items ?? []).map((item) => ({ value: item.name, label: item.living ? `${item.name} (what its query finds)` : `${item.name} (${count(item.frames ?? 0)} frames)` }))}
          value={selection}
          onChange={setSelection}
          searchable
        />
        <Group grow>
          <Select label="Split of new units" data={["train", "val", "test"]} value={split} onChange={(value) => setSplit((value ?? "train") as "train")} allowDeselect={false} />
          <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} placeholder="stands in the history" />
        </Group>
        <Group>
          <Button disabled={!may || !selection || !name} title={why} loading={send.isPending} onClick={() => send.mutate()}>
            Append a version
          </Button>
          {!may && <Text size="xs">{why}</Text>}
        </Group>
        {moved && (
          <Alert color="orange" title="The dataset moved on while you looked at it">
            <Anchor renderRoot={(props) => <Link to="/datasets/compare" search={{ from: of.id, to: name ?? of.id }} {...props} />} size="sm">
              See what came in between
            </Anchor>
            , then append to the newest version.
          </Alert>
        )}
        {send.error && !moved && <Failed error={send.error} />}
        {send.data && (
          <Work id={send.data.operation.id} what="Append" renews={["datasets", "dataset"]}>
            {(result) => (
              <Alert color="teal" title={result.changed ? `${many(Number(result.put), "frame")} put` : "Nothing changed"}>
                {Number(result.unlabelled) > 0 && <Text size="sm">Left out, for nobody labelled them: {many(Number(result.unlabelled), "frame")}.</Text>}
                <Anchor renderRoot={(props) => <Link to="/datasets/compare" search={{ from: of.id, to: String(result.dataset) }} {...props} />} size="sm">
                  What changed
                </Anchor>
              </Alert>
            )}
          </Work>
        )}
        {name && <AppendCall of={of} name={name} />}
      </Stack>
    </Card>
  );
}

/** The call that appends a version on top of this one, and of no other. */
function AppendCall({ of, name }: { of: Version; name: string }) {
  const call = `curl -X POST ${window.location.origin}/api/v1/datasets/${name} -H 'If-Match: "${of.id}"' -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' -d '{"selection": "NAME"}'`;
  return <CommandLine text={call} shown={`POST /api/v1/datasets/${name}, If-Match: "${of.id.slice(0, 18)}…"`} />;
}
