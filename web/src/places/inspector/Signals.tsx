/** Signals of the vehicle on the axis: each stretch keeps its smallest and largest value. */
import { Group, MultiSelect, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, data } from "../../api/client";
import { Failed } from "../../parts/States";
import { Row, type Span } from "./Axis";
import { type Clock, nearestAt, useMoment } from "./clock";

const FIRST = ["speed", "accel", "steering", "yaw", "brake", "angular_velocity"];
const INKS = ["#1598a3", "#d9690f", "#7a5cd6"];
const HEIGHT = 54;

export function useSignals(recording: string) {
  return useQuery({
    queryKey: ["signals", recording],
    queryFn: () => data(api.GET("/api/v1/signals", { params: { query: { recording } } })),
  });
}

/** Signals that tell most about driving come first. */
export function ordered(names: readonly string[]): string[] {
  const rank = (name: string) => {
    const place = FIRST.findIndex((word) => name.toLowerCase().includes(word));
    return place < 0 ? FIRST.length : place;
  };
  const told = names.filter((name) => !/\.bytes\d/.test(name) && !/latitude|longitude/.test(name));
  return [...new Set(told)].sort((one, other) => rank(one) - rank(other) || one.length - other.length || one.localeCompare(other));
}

export function SignalChoice({ known, chosen, onChange }: { known: string[]; chosen: string[]; onChange: (names: string[]) => void }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="xs" c="dimmed">
        Signals
      </Text>
      <MultiSelect
        size="xs"
        flex={1}
        aria-label="signals"
        data={known}
        value={chosen}
        maxValues={8}
        searchable
        onChange={onChange}
        nothingFoundMessage="no such signal"
      />
    </Group>
  );
}

interface Props {
  recording: string;
  names: string[];
  startNs: number;
  span: Span;
  pixels: number;
  clock: Clock;
}

export function Signals({ recording, names, startNs, span, pixels, clock }: Props) {
  const asked = useQuery({
    queryKey: ["curves", recording, names, span],
    enabled: names.length > 0,
    placeholderData: keepPreviousData,
    queryFn: () =>
      data(
        api.GET("/api/v1/signals/curves", {
          params: {
            query: {
              recording,
              name: names,
              points: 1200,
              start_ns: Math.floor(startNs + span.from * 1e9),
              end_ns: Math.ceil(startNs + span.to * 1e9) + 1024,
            },
          },
        }),
      ),
  });
  if (asked.error) return <Failed error={asked.error} />;
  const curves = [...(asked.data?.curves ?? [])].sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
  return curves.map((curve, at) => (
    <Line key={`${curve.channel} ${curve.name}`} curve={curve} ink={INKS[at % INKS.length]!} span={span} pixels={pixels} clock={clock} />
  ));
}

interface CurveOf {
  channel: string;
  name: string;
  unit: string;
  seconds: readonly number[];
  values: readonly (number | null)[];
}

function Line({ curve, ink, span, pixels, clock }: { curve: CurveOf; ink: string; span: Span; pixels: number; clock: Clock }) {
  const now = useMoment(clock, (seconds) => curve.values[nearestAt(curve.seconds, seconds)] ?? NaN);
  let [low, high] = [Infinity, -Infinity];
  for (const value of curve.values)
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  const tall = high > low ? high - low : 1;
  let path = "";
  curve.seconds.forEach((seconds, at) => {
    const value = curve.values[at];
    if (value === null || value === undefined) return;
    const x = ((seconds - span.from) / (span.to - span.from)) * pixels;
    path += `${path && curve.values[at - 1] !== null ? "L" : "M"}${x.toFixed(1)} ${(HEIGHT - 6 - ((value - low) / tall) * (HEIGHT - 12)).toFixed(1)}`;
  });
  const words = { fontSize: 10, fill: "var(--mantine-color-dimmed)" };
  return (
    <Row name={curve.name} note={`${Number.isNaN(now) ? "–" : Number(now.toPrecision(4))} ${curve.unit}`} height={HEIGHT}>
      <svg width={pixels} height={HEIGHT} style={{ display: "block", overflow: "hidden" }} role="img" aria-label={`${curve.name} of ${curve.channel}, ${low.toPrecision(3)} to ${high.toPrecision(3)} ${curve.unit}`}>
        <path d={path} fill="none" stroke={ink} strokeWidth={1.4} />
        <text x={4} y={10} {...words}>
          {Number.isFinite(high) ? Number(high.toPrecision(3)) : ""}
        </text>
        <text x={4} y={HEIGHT - 2} {...words}>
          {Number.isFinite(low) ? Number(low.toPrecision(3)) : ""}
        </text>
      </svg>
    </Row>
  );
}
