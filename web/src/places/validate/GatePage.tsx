/** One gate: its rule, its verdict, and the frames that decided with truth and detections on them. */
import { Alert, Anchor, Card, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { api, data } from "../../api/client";
import { moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Rule, Verdict } from "./Gates";
import { JudgedGrid } from "./JudgedGrid";

export function GatePage() {
  const { id } = useParams({ from: "/validate/gate/$id" });
  const asked = useQuery({
    queryKey: ["gate", id],
    queryFn: () => data(api.GET("/api/v1/gates/{id}", { params: { path: { id } } })),
    staleTime: Infinity,
  });
  if (asked.isPending) return <Waiting what="gate" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const { result, kpis, made_ns } = asked.data.gate;
  return (
    <Page title={`Gate ${result.gate.name}`} about={made_ns ? `checked ${moment(made_ns)} UTC` : undefined} aside={<LineageButton id={id} />} cli={asked.data.cli} json={`/api/v1/gates/${encodeURIComponent(id)}`}>
      <Card withBorder>
        <Group>
          <Verdict of={result.verdict} />
          <Rule of={result} />
        </Group>
        <Text size="sm" mt="xs">
          {result.reason}
        </Text>
        {kpis && (
          <Group mt="xs">
            <Anchor renderRoot={(props) => <Link to="/validate/frames" search={{ evaluation: kpis, category: result.gate.category, slice: result.gate.slice }} {...props} />} size="sm">
              All frames of the slice
            </Anchor>
            <Anchor renderRoot={(props) => <Link to="/validate" search={{ evaluation: kpis }} {...props} />} size="sm">
              The evaluation
            </Anchor>
          </Group>
        )}
      </Card>
      <Title order={2} size="h5">
        Frames that decided
      </Title>
      {result.frames.length === 0 && (
        <Alert color="gray" variant="outline" title="No frame stands out">
          Nothing was missed, and nothing was seen that is not there, at a score of 0.3.
        </Alert>
      )}
      {result.frames.length > 0 && kpis && <JudgedGrid evaluation={kpis} frames={result.frames} category="all" />}
      {result.frames.length > 0 && !kpis && <Text size="sm">Who made the KPIs is not known here, so truth and detections cannot be drawn: {result.frames.join(", ")}</Text>}
    </Page>
  );
}
