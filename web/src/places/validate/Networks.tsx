/** Comparisons of two networks: how often they differ, and who was right; run another. */
import { Alert, Anchor, Button, Card, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { count, moment } from "../../parts/Figure";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import { modelNames, useResimulations } from "./ask";

export function Networks() {
  const asked = useResimulations();
  const items = asked.data?.items ?? [];
  return (
    <Stack>
      <Ask />
      {asked.isPending && <Waiting what="comparisons" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="No two networks were compared yet" command="ringroad resimulate --candidate M --champion N" />}
      {items.length > 0 && (
        <Table aria-label="comparisons" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When (UTC)</Table.Th>
              <Table.Th>Champion</Table.Th>
              <Table.Th>Candidate</Table.Th>
              <Table.Th ta="right">Frames</Table.Th>
              <Table.Th ta="right">that differ</Table.Th>
              <Table.Th ta="right">Champion right</Table.Th>
              <Table.Th ta="right">Candidate right</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => {
              const whole = item.summary[0];
              return (
                <Table.Tr key={item.id}>
                  <Table.Td className="figure">{moment(item.made_ns)}</Table.Td>
                  <Table.Td>{modelNames(item.champion_names, item.champion)}</Table.Td>
                  <Table.Td>{modelNames(item.candidate_names, item.candidate)}</Table.Td>
                  <Table.Td ta="right" className="figure">
                    {count(whole?.frames ?? 0)}
                  </Table.Td>
                  <Table.Td ta="right" className="figure">
                    {count(whole?.disagreeing ?? 0)}
                  </Table.Td>
                  <Table.Td ta="right" className="figure">
                    {item.truth ? count(whole?.champion_right ?? 0) : "not known"}
                  </Table.Td>
                  <Table.Td ta="right" className="figure">
                    {item.truth ? count(whole?.candidate_right ?? 0) : "not known"}
                  </Table.Td>
                  <Table.Td>
                    <Anchor renderRoot={(props) => <Link to="/validate/disagreements" search={{ id: item.id }} {...props} />} size="sm">
                      Frame by frame
                    </Anchor>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

function Ask() {
  const [candidate, setCandidate] = useState<string | null>(null);
  const [champion, setChampion] = useState<string | null>(null);
  const [truth, setTruth] = useState<string | null>(null);
  const { may, why } = useMay("compare_models");
  const models = useQuery({ queryKey: ["models"], queryFn: () => data(api.GET("/api/v1/models", { params: { query: { limit: 1000 } } })) });
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => data(api.GET("/api/v1/datasets", { params: { query: { limit: 1000 } } })) });
  const names = (models.data?.items ?? []).flatMap((item) => item.names);
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/resimulations", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { candidate: candidate ?? "", champion: champion ?? "", on: "all", truth, threshold: 0.3, limit: 50 },
        }),
      ) as Promise<{ operation: { id: string } }>,
  });
  return (
    <Card withBorder>
      <Group align="flex-end">
        <Select label="Candidate" searchable data={names} value={candidate} onChange={setCandidate} />
        <Select label="Champion" searchable data={names} value={champion} onChange={setChampion} />
        <Select label="Who is right, by the test rows of" clearable searchable data={(datasets.data?.items ?? []).flatMap((item) => item.names)} value={truth} onChange={setTruth} placeholder="nobody knows" />
        <Button disabled={!may || !candidate || !champion} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Run both on all recordings
        </Button>
      </Group>
      {!may && <Text size="xs">{why}</Text>}
      {send.error && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Re-simulation" renews={["resimulations", "selections"]}>
          {(result) => (
            <Alert mt="sm" color="teal" title="Compared">
              <Anchor renderRoot={(props) => <Link to="/validate/disagreements" search={{ id: String(result.resimulation) }} {...props} />} size="sm">
                Where they differ
              </Anchor>
            </Alert>
          )}
        </Work>
      )}
    </Card>
  );
}
