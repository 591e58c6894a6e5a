/** Frames on a plane, alike beside alike: a lasso chooses, a click looks. */
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";

import { picture, type Schemas } from "../../api/ask";
import { count, many } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { useSize } from "../../parts/useSize";
import { useEmbeddingMap } from "./ask";
import { called } from "./Grid";
import { inside } from "./lasso";
import { rowOf } from "./pages";
import { Peek } from "./Peek";

const COLOURS = ["condition", "weather", "road", "quality", "channel", "vehicle", "recording_id"];
const INKS = ["#12a4b0", "#e8710a", "#7a5cd6", "#2f9e44", "#d6336c", "#f2b705", "#1c7ed6", "#a0522d", "#5c7080", "#9ccc3c"];
const HEIGHT = 600;

interface Props {
  q: string;
  chosen: ReadonlySet<string>;
  onChoose: (frames: string[], on: boolean) => void;
  onLike: (frame: string, crop: string) => void;
}

export function EmbeddingMap({ q, chosen, onChoose, onLike }: Props) {
  const [colour, setColour] = useState("condition");
  const asked = useEmbeddingMap(q, colour);
  const told = asked.data;
  if (asked.isPending) return <Waiting what="map" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!told || told.x.length === 0)
    return <Nothing title="Nothing is embedded here" command="ringroad ingest PATH --describe 1">Frames stand on the map once they were decoded and described.</Nothing>;
  const [first = 0, second = 0] = told.shares;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {told.x.length < told.embedded ? `${count(told.x.length)} of ` : ""}
          {many(told.embedded, "frame")} by {told.space}; the axes hold {(100 * first).toFixed(0)} % and {(100 * second).toFixed(0)} % of all variance
        </Text>
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            Drag around frames to choose them, with Shift to choose more
          </Text>
          <Select size="xs" w={140} aria-label="colour by" data={COLOURS} value={colour} allowDeselect={false} onChange={(value) => setColour(value ?? "condition")} />
        </Group>
      </Group>
      <Plot told={told} chosen={chosen} onChoose={onChoose} onLike={onLike} />
      <Legend told={told} onChoose={onChoose} />
      <CommandLine text={told.cli} />
    </Stack>
  );
}

type Told = Schemas["MapTold"];

function frameOf(told: Told, at: number): string {
  return `${told.stems[told.stem[at] ?? 0]}/${String(told.sequence[at]).padStart(6, "0")}`;
}

function Plot({ told, chosen, onChoose, onLike }: { told: Told } & Omit<Props, "q">) {
  const { ref, width } = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const path = useRef<[number, number][] | null>(null);
  const [lasso, setLasso] = useState<[number, number][]>([]);
  const [over, setOver] = useState(-1);
  const [open, setOpen] = useState("");
  const frames = useMemo(() => told.x.map((_, at) => frameOf(told, at)), [told]);
  const dots = useMemo(() => placed(told, width), [told, width]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || width < 10) return;
    const dense = window.devicePixelRatio || 1;
    [context.canvas.width, context.canvas.height] = [width * dense, HEIGHT * dense];
    context.scale(dense, dense);
    const radius = told.x.length > 5000 ? 1.6 : told.x.length > 800 ? 2.6 : 4;
    told.codes.forEach((code, at) => {
      const [x, y] = dots[at]!;
      const mine = chosen.has(frames[at]!);
      context.fillStyle = INKS[code % INKS.length]!;
      context.globalAlpha = chosen.size > 0 && !mine ? 0.3 : 0.85;
      context.beginPath();
      context.arc(x, y, mine ? radius + 1 : radius, 0, 2 * Math.PI);
      context.fill();
    });
  }, [told, dots, width, chosen, frames]);
  const at = (event: PointerEvent): [number, number] => {
    const box = ref.current?.getBoundingClientRect();
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
  };
  const move = (event: PointerEvent) => {
    const place = at(event);
    if (!path.current) return setOver(nearest(dots, place));
    path.current.push(place);
    setLasso([...path.current]);
  };
  const end = (event: PointerEvent) => {
    const drawn = path.current ?? [];
    path.current = null;
    setLasso([]);
    if (drawn.length < 6) {
      const one = nearest(dots, at(event));
      if (one >= 0) setOpen(frames[one]!);
      return;
    }
    const found = frames.filter((_, n) => inside(drawn, dots[n]!));
    if (!event.shiftKey) onChoose([...chosen], false);
    onChoose(found, true);
  };
  const place = over >= 0 ? dots[over] : undefined;
  return (
    <div
      ref={ref}
      data-map
      style={{ position: "relative", height: HEIGHT, border: "1px solid var(--mantine-color-default-border)", borderRadius: 4, touchAction: "none", cursor: "crosshair", overflow: "hidden" }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        path.current = [at(event)];
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerLeave={() => setOver(-1)}
    >
      <canvas ref={canvas} role="img" aria-label={`embedding map of ${told.x.length} frames, ${chosen.size} chosen`} style={{ width: "100%", height: HEIGHT, display: "block" }} />
      {lasso.length > 1 && (
        <svg width="100%" height={HEIGHT} style={{ position: "absolute", inset: 0, pointerEvents: "none" }} aria-hidden>
          <polygon points={lasso.map((dot) => dot.join(",")).join(" ")} fill="var(--mantine-primary-color-filled)" fillOpacity={0.12} stroke="var(--mantine-primary-color-filled)" strokeWidth={1.5} strokeDasharray="5 4" />
        </svg>
      )}
      {place && !open && (
        <div style={{ position: "absolute", left: Math.min(place[0] + 12, width - 190), top: Math.min(place[1] + 12, HEIGHT - 130), pointerEvents: "none", background: "var(--mantine-color-body)", border: "1px solid var(--mantine-color-default-border)", borderRadius: 4, padding: 4, width: 180 }}>
          <img src={picture(frames[over]!, "proxy", 320)} alt="" style={{ width: "100%", display: "block", borderRadius: 3 }} />
          <Text size="xs" truncate>
            {called(frames[over]!)} · {told.names[told.codes[over] ?? 0]}
          </Text>
        </div>
      )}
      <Peek
        row={open ? rowOf(open) : null}
        chosen={chosen.has(open)}
        onChoose={(frame) => onChoose([frame], !chosen.has(frame))}
        onLike={onLike}
        onStep={() => undefined}
        onClose={() => setOpen("")}
      />
    </div>
  );
}

/** A legend that chooses: for those who have no mouse to draw with. */
function Legend({ told, onChoose }: { told: Told; onChoose: (frames: string[], on: boolean) => void }) {
  const counts = told.names.map((_, code) => told.codes.reduce((sum, one) => sum + (one === code ? 1 : 0), 0));
  return (
    <Group gap={4} role="group" aria-label="colours; press one to choose its frames">
      {told.names.slice(0, 24).map((name, code) => (
        <Button
          key={name}
          size="compact-xs"
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          leftSection={<span aria-hidden style={{ width: 10, height: 10, borderRadius: 5, background: INKS[code % INKS.length] }} />}
          onClick={() => onChoose(told.codes.flatMap((one, at) => (one === code ? [frameOf(told, at)] : [])), true)}
        >
          {name} {count(counts[code] ?? 0)}
        </Button>
      ))}
    </Group>
  );
}

function placed(told: Told, width: number): [number, number][] {
  const ends = (values: readonly number[]) => values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const [left, right] = ends(told.x);
  const [bottom, top] = ends(told.y);
  const scale = Math.min((width - 48) / Math.max(right - left, 1e-9), (HEIGHT - 48) / Math.max(top - bottom, 1e-9));
  return told.x.map((x, at) => [width / 2 + (x - (left + right) / 2) * scale, HEIGHT / 2 - ((told.y[at] ?? 0) - (bottom + top) / 2) * scale]);
}

function nearest(dots: [number, number][], [x, y]: [number, number]): number {
  let [best, least] = [-1, 100];
  dots.forEach(([px, py], at) => {
    const apart = (px - x) ** 2 + (py - y) ** 2;
    if (apart < least) [best, least] = [at, apart];
  });
  return best;
}
