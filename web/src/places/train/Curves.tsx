/** Curves of some training runs over one another; a figure at a time. */
import { Card, Group, Select, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";

import { Curve } from "../../parts/Curve";
import { Failed, Waiting } from "../../parts/States";
import { called, useCurves } from "./ask";

type Point = Record<string, unknown>;

export function Curves({ ids, height = 240 }: { ids: readonly string[]; height?: number }) {
  const asked = useCurves(ids);
  const found = asked.flatMap((one) => (one.data ? [one.data] : []));
  const metrics = [...new Set(found.flatMap((one) => (one.curve as Point[]).flatMap((point) => Object.keys(point))))].filter((name) => !["step", "epoch"].includes(name));
  const [metric, setMetric] = useState<string | null>(null);
  const chosen = metric ?? metrics.find((name) => name === "loss") ?? metrics[0] ?? null;
  const key = found.map((one) => one.run.id).join();
  const { x, series } = useMemo(() => {
    const long = Math.max(0, ...found.map((one) => one.curve.length));
    return {
      x: Array.from({ length: long }, (_, i) => i + 1),
      series: found.map((one) => ({
        label: called(one.run),
        values: Array.from({ length: long }, (_, i) => {
          const value = chosen ? (one.curve[i] as Point | undefined)?.[chosen] : undefined;
          return typeof value === "number" ? value : null;
        }),
      })),
    };
  }, [key, chosen]); // eslint-disable-line react-hooks/exhaustive-deps
  const failed = asked.find((one) => one.error);
  const bare = found.filter((one) => one.curve.length === 0).length;
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Title order={2} size="h5">
          Curves by epoch
        </Title>
        {metrics.length > 0 && <Select size="xs" aria-label="figure" data={metrics} value={chosen} onChange={setMetric} allowDeselect={false} />}
      </Group>
      {failed && <Failed error={failed.error} />}
      {asked.some((one) => one.isPending) && <Waiting what="curves" />}
      {x.length > 0 && chosen && <Curve x={x} series={series} height={height} xLabel="" label={`${chosen} by epoch`} />}
      {bare > 0 && (
        <Text size="sm" c="dimmed">
          {bare} of them wrote no curve: a trainer of your own does not have to.
        </Text>
      )}
    </Card>
  );
}
