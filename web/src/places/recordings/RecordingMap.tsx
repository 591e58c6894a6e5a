/** Traces of all recordings on one plane. No tiles: places never leave the machine. */
import { Alert, Group, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data } from "../../api/client";
import { duration, many } from "../../parts/Figure";
import { type Extent, extentOf, metresFrom, middleOf } from "../../parts/ground";
import { Plane } from "../../parts/Plane";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { inkOf } from "../inspector/Marks";

type Trace = Schemas["Trace"];
const COLOURS = ["vehicle", "recording", "speed"] as const;
type Colour = (typeof COLOURS)[number];

export function RecordingMap({ shown }: { shown: Set<string> }) {
  const asked = useQuery({
    queryKey: ["traces"],
    queryFn: () => data(api.GET("/api/v1/traces")),
    staleTime: 60_000,
  });
  const [colour, setColour] = useState<Colour>("vehicle");
  if (asked.isPending) return <Waiting what="map" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const traces = asked.data.traces.filter((trace) => shown.has(trace.recording));
  const placed = traces.filter((trace) => trace.origin === "GNSS");
  const others = traces.filter((trace) => trace.origin !== "GNSS");
  const lost = asked.data.missing.filter((id) => shown.has(id));
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {many(placed.length, "recording")} placed by GNSS
        </Text>
        <SegmentedControl size="xs" aria-label="colour by" data={COLOURS.map((value) => ({ value, label: value }))} value={colour} onChange={(value) => setColour(value as Colour)} />
      </Group>
      {placed.length > 0 ? <Drawn traces={placed} colour={colour} /> : <Nothing title="No recording says where on Earth it was" />}
      {(others.length > 0 || lost.length > 0) && (
        <Alert color="gray" variant="light" title="Not on this map">
          {others.length > 0 && <Text size="sm">{many(others.length, "recording")} placed on a map of their own, in metres: open one to see its way.</Text>}
          {lost.length > 0 && <Text size="sm">{many(lost.length, "recording")} without a place: {lost.slice(0, 8).join(", ")}{lost.length > 8 ? " ..." : ""}</Text>}
        </Alert>
      )}
    </Stack>
  );
}

interface Way {
  trace: Trace;
  places: [number, number][];
}

function Drawn({ traces, colour }: { traces: Trace[]; colour: Colour }) {
  const go = useNavigate();
  const [over, setOver] = useState<Trace | null>(null);
  const { middle, ways, extent } = useMemo(() => laidOut(traces), [traces]);
  const open = (trace: Trace, at: number) =>
    void go({ to: "/recording/$", params: { _splat: trace.recording }, search: { t: trace.seconds[at] } });
  return (
    <div style={{ position: "relative" }}>
      <Plane extent={extent} height={560} middle={middle} label="map of recordings">
        {({ at, scale }) =>
          ways.map(({ trace, places }) => (
            <a
              key={trace.recording}
              href={`/recording/${trace.recording}`}
              aria-label={`${trace.recording}, ${lasted(trace)}`}
              onFocus={() => setOver(trace)}
              onPointerEnter={() => setOver(trace)}
              onPointerLeave={() => setOver(null)}
              onClick={(event) => {
                event.preventDefault();
                const box = event.currentTarget.closest("svg")?.getBoundingClientRect();
                open(trace, nearest(places.map(([x, y]) => at(x, y)), event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)));
              }}
            >
              <Line way={{ trace, places }} at={at} scale={scale} colour={colour} strong={over === trace} />
            </a>
          ))
        }
      </Plane>
      {over && (
        <Paper withBorder p="xs" style={{ position: "absolute", left: 12, top: 12, pointerEvents: "none" }}>
          <Text size="sm" fw={600} className="break">
            {over.recording}
          </Text>
          <Text size="xs" c="dimmed">
            {lasted(over)}
            {over.synthetic ? ", synthetic" : ""}
          </Text>
        </Paper>
      )}
    </div>
  );
}

function Line({ way, at, scale, colour, strong }: { way: Way; at: (x: number, y: number) => [number, number]; scale: number; colour: Colour; strong: boolean }) {
  const dots = way.places.map(([x, y]) => at(x, y));
  const points = dots.map((dot) => dot.map((value) => value.toFixed(1)).join(",")).join(" ");
  const [x, y] = dots[0] ?? [0, 0];
  const ink = inkOf(colour === "recording" ? way.trace.recording : way.trace.vehicle);
  const small = way.places.length > 1 && scale * size(way.places) < 8;
  return (
    <g>
      <polyline points={points} fill="none" stroke="transparent" strokeWidth={14} />
      <polyline points={points} fill="none" stroke="var(--mantine-color-text)" strokeOpacity={0.55} strokeWidth={strong ? 6 : 3.6} strokeLinejoin="round" />
      {colour === "speed" ? (
        dots.slice(1).map(([toX, toY], n) => <line key={n} x1={dots[n]![0]} y1={dots[n]![1]} x2={toX} y2={toY} stroke={quick(way.trace.speed[n])} strokeWidth={strong ? 4 : 2.4} />)
      ) : (
        <polyline points={points} fill="none" stroke={ink} strokeWidth={strong ? 4 : 2.4} strokeLinejoin="round" />
      )}
      <circle cx={x} cy={y} r={small ? 7 : 4} fill={ink} stroke="var(--mantine-color-text)" strokeOpacity={0.55} />
    </g>
  );
}

function laidOut(traces: Trace[]): { middle: ReturnType<typeof middleOf>; ways: Way[]; extent: Extent } {
  const middle = middleOf(traces.flatMap((trace) => trace.north), traces.flatMap((trace) => trace.east));
  const ways = traces.map((trace) => ({ trace, places: trace.north.map((north, at) => metresFrom(middle, north, trace.east[at] ?? 0)) }));
  const all = ways.flatMap((way) => way.places);
  return { middle, ways, extent: extentOf(all.map(([x]) => x), all.map(([, y]) => y)) };
}

function size(places: [number, number][]): number {
  const { left, right, bottom, top } = extentOf(places.map(([x]) => x), places.map(([, y]) => y));
  return Math.max(right - left, top - bottom);
}

function quick(speed: number | null | undefined): string {
  return speed == null ? "#868e96" : `hsl(${Math.round(220 - 7 * Math.min(speed, 30))} 80% 50%)`;
}

function lasted(trace: Trace): string {
  const seconds = (trace.seconds[trace.seconds.length - 1] ?? 0) - (trace.seconds[0] ?? 0);
  return `${duration(seconds * 1e9)} by ${trace.vehicle}`;
}

function nearest(dots: [number, number][], x: number, y: number): number {
  let [best, least] = [0, Infinity];
  dots.forEach(([px, py], at) => {
    const apart = (px - x) ** 2 + (py - y) ** 2;
    if (apart < least) [best, least] = [at, apart];
  });
  return best;
}
