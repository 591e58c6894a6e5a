/** The loop with its counts: what is there, what runs, what to do next. */
import { Badge, Card, Grid, Group, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";

import { type Schemas, useFunnel, useOperations, useStatus } from "../api/ask";
import { bytes, count, many, moment } from "../parts/Figure";
import { CommandLine, Commands, Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";
import { Problem } from "../api/client";

export function Loop() {
  const status = useStatus();
  return (
    <Page title="Loop" about="From a recording to a deployed network, and back" cli={status.data?.cli} json="/api/v1/status">
      {status.isPending && <Waiting what="status" />}
      {status.error && <Failed error={status.error} again={() => void status.refetch()} />}
      {status.data &&
        (status.data.recordings === 0 ? (
          <Nothing title="No recordings yet" command="ringroad ingest PATH --in-place">
            Take some in, or run <code>ringroad demo</code> to see the whole loop on synthetic ones.
          </Nothing>
        ) : (
          <Stack>
            <Ring held={status.data} />
            <Grid>
              <Grid.Col span={{ base: 12, md: 6 }}>
                <Running />
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 6 }}>
                <Next held={status.data} />
              </Grid.Col>
            </Grid>
            <FunnelCard known={(status.data.artifacts.usefulness ?? 0) > 0} />
          </Stack>
        ))}
    </Page>
  );
}

type Status = Schemas["Status"];

interface Stop {
  name: string;
  to: string;
  kinds: string[];
  about: string;
}

const STOPS: Stop[] = [
  { name: "Recordings", to: "/recordings", kinds: ["recording"], about: "came in" },
  { name: "Proxies", to: "/curate", kinds: ["proxies"], about: "recordings decoded" },
  { name: "Selections", to: "/curate", kinds: ["selection", "ranking"], about: "chosen" },
  { name: "Labels", to: "/label", kinds: ["annotations"], about: "batches" },
  { name: "Datasets", to: "/datasets", kinds: ["dataset"], about: "versions" },
  { name: "Models", to: "/train", kinds: ["model"], about: "versions" },
  { name: "KPIs", to: "/validate", kinds: ["kpis"], about: "evaluations" },
  { name: "Gates", to: "/validate", kinds: ["gate"], about: "verdicts" },
  { name: "Plans", to: "/deploy", kinds: ["plan"], about: "built" },
  { name: "Comparisons", to: "/validate", kinds: ["resimulation", "compared"], about: "candidate against champion" },
];

/** Stops around a ring, clockwise from the top; each leads to its place. */
function Ring({ held }: { held: Status }) {
  const go = useNavigate();
  const counts = STOPS.map((stop) =>
    stop.kinds[0] === "recording"
      ? held.recordings
      : stop.kinds.reduce((sum, kind) => Math.max(sum, held.artifacts[kind] ?? 0), 0),
  );
  const [w, h, rx, ry] = [900, 330, 330, 118];
  const at = STOPS.map((_, i) => {
    const turn = (i / STOPS.length) * 2 * Math.PI - Math.PI / 2;
    return { x: w / 2 + rx * Math.cos(turn), y: h / 2 + ry * Math.sin(turn) };
  });
  return (
    <Card withBorder p="xs">
      <svg viewBox={`0 0 ${w} ${h}`} role="group" aria-label="the loop" style={{ width: "100%", maxHeight: 380 }}>
        <ellipse cx={w / 2} cy={h / 2} rx={rx} ry={ry} fill="none" stroke="var(--mantine-color-road-5)" strokeWidth={14} opacity={0.28} />
        <ellipse cx={w / 2} cy={h / 2} rx={rx} ry={ry} fill="none" stroke="var(--mantine-color-road-5)" strokeWidth={1.5} strokeDasharray="10 8" />
        <text x={w / 2} y={h / 2 - 6} textAnchor="middle" fontSize={17} fontWeight={700} fill="currentColor">
          {held.workspace}
        </text>
        <text x={w / 2} y={h / 2 + 16} textAnchor="middle" fontSize={12} fill="var(--mantine-color-dimmed)">
          disagreements become the next selection
        </text>
        {STOPS.map((stop, i) => {
          const place = at[i] ?? { x: 0, y: 0 };
          const empty = (counts[i] ?? 0) === 0;
          return (
            <a
              key={stop.name}
              href={stop.to}
              aria-label={`${stop.name}: ${counts[i]} ${stop.about}`}
              onClick={(event) => {
                event.preventDefault();
                void go({ to: stop.to });
              }}
            >
              <rect
                x={place.x - 62}
                y={place.y - 27}
                width={124}
                height={54}
                rx={9}
                fill="var(--mantine-color-body)"
                stroke={empty ? "var(--mantine-color-default-border)" : "var(--mantine-color-road-5)"}
                strokeWidth={1.5}
              />
              <text x={place.x} y={place.y - 5} textAnchor="middle" fontSize={16} fontWeight={700} fill="currentColor">
                {count(counts[i] ?? 0)}
              </text>
              <text x={place.x} y={place.y + 14} textAnchor="middle" fontSize={12} fill="var(--mantine-color-dimmed)">
                {stop.name}
              </text>
            </a>
          );
        })}
      </svg>
    </Card>
  );
}

function Running() {
  const asked = useOperations();
  const items = asked.data?.items ?? [];
  const busy = items.filter((item) => item.state === "running" || item.state === "queued");
  return (
    <Card withBorder h="100%">
      <Title order={2} size="h5" mb="xs">
        Running now
      </Title>
      {asked.error && <Failed error={asked.error} />}
      {asked.data && busy.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing.{items[0] ? ` Last: ${items[0].kind}, ${items[0].state}.` : ""}
        </Text>
      )}
      {busy.map((item) => {
        const progress = item.progress as { what?: string; done?: number; total?: number } | null;
        const share = progress?.total ? (100 * (progress.done ?? 0)) / progress.total : 100;
        return (
          <Stack key={item.id} gap={4} mb="xs">
            <Group justify="space-between">
              <Text size="sm">{item.kind}</Text>
              <Badge size="xs" variant="light">
                {item.state}
              </Badge>
            </Group>
            <Progress value={share} animated={item.state === "running"} aria-label={`progress of ${item.kind}`} />
            <Text size="xs" c="dimmed">
              {progress?.what ?? "waiting"} · since {moment(item.created_ns)}
            </Text>
          </Stack>
        );
      })}
    </Card>
  );
}

function Next({ held }: { held: Status }) {
  const has = (kind: string) => (held.artifacts[kind] ?? 0) > 0;
  const waiting = Object.entries(held.batches_not_indexed).filter(([, many]) => many > 0);
  const steps: [string, string][] = [];
  if (held.refused > 0) steps.push([`${many(held.refused, "source")} refused: see why`, "ringroad recordings list"]);
  if (waiting.length > 0)
    steps.push([`${waiting.map(([name, many]) => `${many} of ${name}`).join(", ")}: batches not indexed yet; the next search does it`, "ringroad doctor"]);
  if (!has("events")) steps.push(["Find out what happens in the recordings, and what is worth keeping", "ringroad recordings events all"]);
  if (!has("annotations")) steps.push(["Choose frames to label", "ringroad mine --model M --save next"]);
  else if (!has("dataset")) steps.push(["Make a dataset version of what is labelled", "ringroad datasets create NAME --from all"]);
  else if (!has("model")) steps.push(["Train a network on it", "ringroad train NAME"]);
  else if (!has("kpis")) steps.push(["See how good it is", "ringroad evaluate --model M --truth NAME"]);
  else if (!has("plan")) steps.push(["Build a plan", "ringroad plans build M"]);
  else steps.push(["Label what the two networks disagree on", "ringroad selections show disagreements"]);
  return (
    <Card withBorder h="100%">
      <Title order={2} size="h5" mb="xs">
        Next
      </Title>
      <Commands of={steps} />
    </Card>
  );
}

function FunnelCard({ known }: { known: boolean }) {
  const asked = useFunnel(known);
  const missing = !known || (asked.error instanceof Problem && asked.error.code === "not-made-yet");
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        From raw to used
      </Title>
      {missing ? (
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            Not known yet: nobody looked for events, which say what is useful.
          </Text>
          <CommandLine text="ringroad recordings events all" />
        </Stack>
      ) : (
        asked.error && <Failed error={asked.error} />
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        {(asked.data?.stages ?? []).map((stage) => (
          <Stack key={stage.name} gap={0}>
            <Text size="xs" c="dimmed" tt="capitalize">
              {stage.name}
            </Text>
            <Text fw={700} className="figure">
              {count(stage.frames)} frames
            </Text>
            <Text size="xs" c="dimmed">
              {bytes(stage.size_bytes)}
            </Text>
          </Stack>
        ))}
      </SimpleGrid>
    </Card>
  );
}
