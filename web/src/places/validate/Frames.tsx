/** The frames that a KPI comes from: by recording, most errors first, with truth and detections. */
import { Anchor, Button, Card, Group, Pill, Stack, Text, UnstyledButton } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { count, many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { JudgedGrid } from "./JudgedGrid";
import { Keep } from "./Keep";
import { useJudgedFrames } from "./ask";

export function Frames() {
  const { evaluation = "", category = "all", slice = "all", recording = "" } = useSearch({ from: "/validate/frames" });
  const go = useNavigate();
  const asked = useJudgedFrames(evaluation, { category, slice, recording });
  const [picked, setPicked] = useState<string[]>([]);
  if (!evaluation) return <Nothing title="Name an evaluation">Follow a figure under Validate.</Nothing>;
  const first = asked.data?.pages[0];
  const pages = asked.data?.pages ?? [];
  const query = new URLSearchParams({ category, slice, ...(recording ? { recording } : {}) });
  return (
    <Page
      title={`Frames of ${category === "all" ? "all categories" : category}, ${slice === "all" ? "all conditions" : slice}`}
      about={
        first && (
          <Group gap="md">
            <span>{many(first.count, "frame")}</span>
            <span>
              {count(first.missed)} of {count(first.truths)} things missed, {count(first.false)} false detections
            </span>
            <Anchor renderRoot={(props) => <Link to="/validate" search={{ evaluation }} {...props} />} size="sm">
              The evaluation
            </Anchor>
          </Group>
        )
      }
      cli={first?.cli}
      json={`/api/v1/evaluations/${encodeURIComponent(evaluation)}/frames?${query.toString()}`}
    >
      {asked.isPending && <Waiting what="frames" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {first && (
        <Card withBorder p="sm">
          <Text size="sm" fw={600} mb={6}>
            Recordings
          </Text>
          <Group gap={6}>
            {Object.entries(first.recordings).map(([name, frames]) => (
              <UnstyledButton key={name} onClick={() => void go({ to: "/validate/frames", search: { evaluation, category, slice, recording: recording === name ? undefined : name } })} aria-pressed={recording === name}>
                <Pill bg={recording === name ? "var(--mantine-primary-color-light)" : undefined} style={{ cursor: "pointer" }}>
                  {name}: {many(frames, "frame")}
                </Pill>
              </UnstyledButton>
            ))}
          </Group>
        </Card>
      )}
      {first && first.count === 0 && <Nothing title="The slice has no frame">Nothing of it was looked at by an annotator.</Nothing>}
      {first && first.count > 0 && (
        <Stack>
          <Keep frames={picked} all={pages.flatMap((page) => page.items.map((item) => item.frame_id))} reason={`${category} on ${slice}: errors of ${evaluation.slice(0, 17)}`} />
          {pages.map((page) => (
            <JudgedGrid
              key={page.offset}
              evaluation={evaluation}
              category={category}
              frames={page.items.map((item) => item.frame_id)}
              picked={picked}
              onPick={(frame) => setPicked((before) => (before.includes(frame) ? before.filter((one) => one !== frame) : [...before, frame]))}
            />
          ))}
          {asked.hasNextPage && (
            <Group>
              <Button variant="light" loading={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
                More frames
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Page>
  );
}
