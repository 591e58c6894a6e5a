/** Frames of a test with truth and detections, each box with what it came to. */
import { Anchor, Box, Checkbox, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Legend, Marked } from "../../parts/Marked";
import { Failed, Waiting } from "../../parts/States";
import { type Judged, judgedMarks, useJudged } from "./ask";

interface Props {
  evaluation: string;
  frames: readonly string[];
  category: string;
  picked?: readonly string[];
  onPick?: (frame: string) => void;
}

export function JudgedGrid({ evaluation, frames, category, picked, onPick }: Props) {
  const asked = useJudged(evaluation, frames, category);
  if (asked.isPending) return <Waiting what="truth and detections" />;
  if (asked.error) return <Failed error={asked.error} />;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Legend of={["found", "missed", "right", "false"]} />
        <Text size="xs" c="dimmed">
          detections of a score of {asked.data.threshold} and more; looking is noted as a look at the test rows
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }} spacing="sm">
        {asked.data.frames.map((one) => (
          <Frame key={one.frame} of={one} picked={picked?.includes(one.frame)} onPick={onPick} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function Frame({ of, picked, onPick }: { of: Judged; picked: boolean | undefined; onPick: ((frame: string) => void) | undefined }) {
  const missed = of.truth.filter((box) => box.came_to === "missed").length;
  const wrong = of.predictions.filter((box) => box.came_to === "false").length;
  const [recording] = of.frame.split(/\/[^/]*\/[^/]*$/);
  return (
    <Box>
      <Marked frame={of.frame} width={of.width} height={of.height} marks={judgedMarks(of)} sharp={640} words />
      <Group justify="space-between" mt={4} wrap="nowrap">
        <Group gap="xs" wrap="nowrap" style={{ overflow: "hidden" }}>
          {onPick && <Checkbox size="xs" checked={Boolean(picked)} onChange={() => onPick(of.frame)} aria-label={`keep ${of.frame}`} />}
          <Text size="sm">
            {missed} of {of.truth.length} missed, {wrong} false
          </Text>
        </Group>
        <Anchor renderRoot={(props) => <Link to="/recording/$" params={{ _splat: recording ?? "" }} search={{}} {...props} />} size="xs" truncate title={of.frame}>
          {recording}
        </Anchor>
      </Group>
    </Box>
  );
}
