/** Gates: verdicts with the rule, the interval beside the minimum, and the frames that decided. */
import { Anchor, Badge, Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { picture } from "../../api/ask";
import { Figure, moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Interval } from "./Kpis";
import { type Gate, useGates } from "./ask";

const COLOUR: Record<string, string> = { PASS: "teal", FAIL: "red", INCONCLUSIVE: "yellow" };

export function Verdict({ of }: { of: string }) {
  return (
    <Badge color={COLOUR[of] ?? "gray"} variant="light" size="lg">
      {of}
    </Badge>
  );
}

export function Gates() {
  const asked = useGates();
  if (asked.isPending) return <Waiting what="gates" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data.items.length === 0) {
    return (
      <Nothing title="No gate was checked yet" command="ringroad gate check GATE.toml --kpis KPIS">
        Hold an evaluation against a rule, under KPIs by slice.
      </Nothing>
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {asked.data.items.map((item) => (
        <One key={item.id} of={item} />
      ))}
    </SimpleGrid>
  );
}

function One({ of: { id, made_ns, result } }: { of: Gate }) {
  return (
    <Card withBorder>
      <Group justify="space-between" wrap="nowrap">
        <Group gap="xs">
          <Verdict of={result.verdict} />
          <Anchor renderRoot={(props) => <Link to="/validate/gate/$id" params={{ id }} {...props} />} fw={700}>
            {result.gate.name}
          </Anchor>
        </Group>
        <LineageButton id={id} />
      </Group>
      <Rule of={result} />
      <Text size="xs" c="dimmed" mt={4}>
        {result.reason}
        {made_ns ? ` · ${moment(made_ns)}` : ""}
      </Text>
      {result.frames.length > 0 && (
        <Stack gap={4} mt="xs">
          <Anchor renderRoot={(props) => <Link to="/validate/gate/$id" params={{ id }} {...props} />} size="sm">
            {result.frames.length} frames that decided
          </Anchor>
          <Group gap={4}>
            {result.frames.slice(0, 4).map((frame) => (
              <img key={frame} src={picture(frame, "proxy", 160)} alt={frame} title={frame} width={104} style={{ borderRadius: 3, display: "block" }} loading="lazy" />
            ))}
          </Group>
        </Stack>
      )}
    </Card>
  );
}

export function Rule({ of }: { of: Gate["result"] }) {
  return (
    <Group gap="md" mt="xs">
      <Text size="sm">
        {of.gate.metric} of {of.gate.category} on {of.gate.slice} at least <b className="figure">{of.gate.minimum}</b>
      </Text>
      {of.kpi && (
        <Group gap="sm">
          <Figure of={of.kpi} />
          <Interval of={of.kpi} minimum={of.gate.minimum} width={160} />
        </Group>
      )}
    </Group>
  );
}
