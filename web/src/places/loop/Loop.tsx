/** The loop as it stands: counts, what waits, what runs, what to do next. */
import { Card, Grid, Stack, Title } from "@mantine/core";

import { Commands, Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { OVER } from "../../parts/Work";
import { useLoop, useNewest } from "./ask";
import { Diagram } from "./Diagram";
import { Funnel } from "./Funnel";
import { Running } from "./Running";

export function Loop() {
  const asked = useLoop();
  const newest = useNewest();
  const told = asked.data;
  const busy = new Set((newest.data?.items ?? []).filter((item) => !OVER.has(item.state)).map((item) => item.kind));
  const recordings = told?.stops.find((stop) => stop.name === "Recordings");
  return (
    <Page title="Loop" about="From a recording to a deployed network, and back" cli={told?.cli} json="/api/v1/loop">
      {asked.isPending && <Waiting what="loop" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {told && recordings?.count === 0 && (
        <Nothing title="No recordings yet" command="ringroad ingest PATH --in-place">
          Take some in, or run <code>ringroad demo</code> to see the whole loop on synthetic ones.
        </Nothing>
      )}
      {told && recordings && recordings.count > 0 && (
        <Stack>
          <Card withBorder p="sm">
            <Diagram stops={told.stops} busy={busy} />
          </Card>
          <Grid>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <Running />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 6 }}>
              <Card withBorder h="100%">
                <Title order={2} size="h5" mb="xs">
                  Next
                </Title>
                <Commands of={told.next.map((advice) => [advice.says ?? "", advice.cli ?? ""] as const)} />
              </Card>
            </Grid.Col>
          </Grid>
          <Funnel known={told.judged} />
        </Stack>
      )}
    </Page>
  );
}
