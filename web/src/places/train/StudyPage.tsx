/** One study: how far it is, its best trial, how its figure went, every trial. */
import { Alert, Anchor, Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";

import { Figure, many } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Commands, Page } from "../../parts/Page";
import { shown } from "../../parts/parameters";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Pages } from "./Pages";
import { State } from "./Studies";
import { TrialPlots } from "./TrialPlots";
import { Trials } from "./Trials";
import { type StudyTold, useStudy } from "./ask";
import { brief } from "./scales";

export function StudyPage() {
  const { id } = useParams({ from: "/train/studies/$id" });
  const asked = useStudy(id);
  return (
    <Page title={asked.data?.study.name ?? id} about={asked.data && <About of={asked.data} />} aside={<Pages at="/train/studies" />} cli={asked.data?.cli} json={`/api/v1/studies/${encodeURIComponent(id)}`}>
      {asked.isPending && <Waiting what="study" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Progressing of={asked.data} />}
      {asked.data && asked.data.trials.length === 0 && <Nothing title="No trial was asked for yet" />}
      {asked.data && <Best of={asked.data} />}
      {asked.data && <TrialPlots of={asked.data} />}
      {asked.data && asked.data.trials.length > 0 && (
        <Card withBorder>
          <Title order={2} size="h5" mb="xs">
            Trials
          </Title>
          <Trials of={asked.data} />
          <Text size="xs" c="dimmed" mt="xs" className="break">
            Alike in all: {Object.entries(asked.data.train).map(([name, value]) => `${name} ${shown(value)}`).join(", ")}, seed {asked.data.study.seed}
          </Text>
        </Card>
      )}
    </Page>
  );
}

function About({ of: { study } }: { of: StudyTold }) {
  return (
    <Group gap="xs">
      <State of={study} />
      <span>
        {study.direction} {study.metric} of {study.category} on {study.slice}, on the validation rows of{" "}
        <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: study.dataset }} {...props} />} size="sm" underline="always">
          {study.dataset_name}
        </Anchor>
        ; {study.sampler}, seed {study.seed}
      </span>
      <LineageButton id={study.id} />
    </Group>
  );
}

function Progressing({ of: { study, trials } }: { of: StudyTold }) {
  const ended = study.done + study.failed;
  const now = trials.filter((trial) => trial.state === "asked");
  if (study.state === "done") return null;
  return (
    <Stack gap={4} role="status">
      <Text size="sm">
        {ended} of {many(study.wanted, "trial")} {study.state === "running" ? "done; it runs now" : "done, and nobody runs it: start the same again, and it goes on where it was"}
      </Text>
      <Progress value={(100 * ended) / study.wanted} aria-label="trials done" size="sm" />
      {now.map((trial) => (
        <Text key={trial.number} size="xs" c="dimmed">
          trial {trial.number}: {told(trial.parameters)}
        </Text>
      ))}
    </Stack>
  );
}

function Best({ of: { study } }: { of: StudyTold }) {
  const { best } = study;
  if (!best?.kpi) {
    return study.failed > 0 ? (
      <Alert color="orange" variant="outline" title="No trial came to an end">
        Each says below why it failed. Change what is searched, and start the study again.
      </Alert>
    ) : null;
  }
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        Best: trial {best.number}
      </Title>
      <Group gap="lg" mt={4} mb="xs">
        <Text size="sm">
          {study.metric} <Figure of={best.kpi} /> on {many(best.kpi.frames, "validation frame")} in {many(best.kpi.units, "unit")} ({best.kpi.unit})
        </Text>
        <Text size="sm">{told(best.parameters)}</Text>
      </Group>
      <Commands
        of={[
          ["Evaluate it on the test rows, which no trial has seen", `ringroad evaluate --model ${study.name}:candidate --truth ${study.dataset_name}`],
          ["More trials", `ringroad tune ${study.name}.toml --trials ${study.wanted + 10}`],
        ]}
      />
    </Card>
  );
}

function told(parameters: Record<string, unknown>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${brief(value)}`)
    .join(", ");
}
