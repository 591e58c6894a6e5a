/** One axis of time for everything: events, checks, what each sensor recorded, signals. */
import { Box, Group, Text } from "@mantine/core";
import { useSize } from "../../parts/useSize";
import { type PointerEvent, type ReactNode, useEffect, useRef } from "react";

import { evenStep, multiples } from "../../parts/ground";
import { count } from "../../parts/Figure";
import type { Happening, Lane } from "./ask";
import type { Clock } from "./clock";

export interface Span {
  from: number;
  to: number;
}

export const GUTTER = 150;

interface Props {
  clock: Clock;
  span: Span;
  onSpan: (span: Span) => void;
  children: (pixels: number) => ReactNode;
}

/** Drag to scrub, wheel to zoom at the pointer, shift and drag to pan, double click shows all. */
export function Axis({ clock, span, onSpan, children }: Props) {
  const { ref, width } = useSize<HTMLDivElement>();
  const marker = useRef<HTMLDivElement>(null);
  const held = useRef<{ x: number; from: Span } | null>(null);
  const pixels = Math.max(width - GUTTER, 1);
  const now = useRef({ span, pixels, onSpan, length: clock.length });
  now.current = { span, pixels, onSpan, length: clock.length };
  useEffect(() => {
    const place = () => {
      const share = (clock.seconds - span.from) / (span.to - span.from);
      if (!marker.current) return;
      marker.current.style.transform = `translateX(${GUTTER + share * pixels}px)`;
      marker.current.style.visibility = share >= 0 && share <= 1 ? "visible" : "hidden";
    };
    place();
    return clock.follow(place);
  }, [clock, span, pixels]);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.altKey && Math.abs(event.deltaX) < Math.abs(event.deltaY) && !event.shiftKey) return;
      event.preventDefault();
      const { span: here, pixels: wide, onSpan: tell, length } = now.current;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = ((event.deltaX || event.deltaY) / wide) * (here.to - here.from);
        tell(within({ from: here.from + by, to: here.to + by }, length));
        return;
      }
      const share = (event.clientX - box.getBoundingClientRect().left - GUTTER) / wide;
      tell(zoomed(here, event.deltaY < 0 ? 0.8 : 1.25, share, length));
    };
    box.addEventListener("wheel", wheel, { passive: false });
    return () => box.removeEventListener("wheel", wheel);
  }, [ref]);
  const moment = (event: PointerEvent) => {
    const box = ref.current?.getBoundingClientRect();
    return span.from + ((event.clientX - (box?.left ?? 0) - GUTTER) / pixels) * (span.to - span.from);
  };
  return (
    <Box
      ref={ref}
      style={{ position: "relative", touchAction: "none", userSelect: "none", cursor: "ew-resize" }}
      data-axis
      onPointerDown={(event) => {
        const box = ref.current?.getBoundingClientRect();
        if (event.button !== 0 || event.clientX - (box?.left ?? 0) < GUTTER) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        held.current = { x: event.clientX, from: span };
        if (!event.shiftKey) clock.set(moment(event));
      }}
      onPointerMove={(event) => {
        if (!held.current) return;
        if (!event.shiftKey) return clock.set(moment(event));
        const { x, from } = held.current;
        const by = ((x - event.clientX) / pixels) * (from.to - from.from);
        onSpan(within({ from: from.from + by, to: from.to + by }, clock.length));
      }}
      onPointerUp={() => (held.current = null)}
      onDoubleClick={() => onSpan({ from: 0, to: clock.length })}
    >
      {width > GUTTER && children(pixels)}
      <div
        ref={marker}
        aria-hidden
        style={{ position: "absolute", left: -1, top: 0, bottom: 0, width: 2, background: "var(--mantine-color-red-6)", pointerEvents: "none" }}
      />
    </Box>
  );
}

export function zoomed(span: Span, by: number, share: number, length: number): Span {
  const long = Math.min(Math.max((span.to - span.from) * by, Math.min(0.2, length)), length);
  const fixed = span.from + share * (span.to - span.from);
  return within({ from: fixed - share * long, to: fixed + (1 - share) * long }, length);
}

export function within({ from, to }: Span, length: number): Span {
  const long = Math.min(to - from, length);
  const start = Math.min(Math.max(from, 0), length - long);
  return { from: start, to: start + long };
}

export function Row({ name, note = "", height, children }: { name: string; note?: string; height: number; children: ReactNode }) {
  return (
    <Group gap={0} wrap="nowrap" h={height} style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}>
      <Box w={GUTTER} pr={8} style={{ flex: "none", cursor: "default" }}>
        <Text size="xs" truncate title={`${name} ${note}`}>
          {name}{" "}
          <Text span size="xs" c="dimmed">
            {note}
          </Text>
        </Text>
      </Box>
      <Box style={{ flex: 1, minWidth: 0, height: "100%" }}>{children}</Box>
    </Group>
  );
}

export function Ruler({ span, pixels }: { span: Span; pixels: number }) {
  const step = evenStep(((span.to - span.from) / pixels) * 90);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return (
    <Row name="Seconds" note="since it began" height={22}>
      <svg width={pixels} height={22} aria-hidden style={{ display: "block" }}>
        {multiples(span.from, span.to, step).map((at) => (
          <g key={at} transform={`translate(${((at - span.from) / (span.to - span.from)) * pixels} 0)`}>
            <line y1={14} y2={22} stroke="var(--mantine-color-dimmed)" />
            <text x={3} y={13} fontSize={10} fill="var(--mantine-color-dimmed)">
              {at.toFixed(digits)}
            </text>
          </g>
        ))}
      </svg>
    </Row>
  );
}

const TONE: Record<string, string> = {
  error: "var(--mantine-color-red-6)", warning: "var(--mantine-color-orange-6)", info: "var(--mantine-color-gray-6)",
};

/** Stretches of time as bars; those that overlap stand below one another. */
export function Happenings({ name, note, rows, startNs, span, pixels, onPick }: {
  name: string;
  note: string;
  rows: readonly Happening[];
  startNs: number;
  span: Span;
  pixels: number;
  onPick: (seconds: number) => void;
}) {
  const lines = stacked(rows, startNs, ((span.to - span.from) / pixels) * 4);
  const height = Math.min(12 + 11 * Math.max(1, lines.many), 68);
  const x = (seconds: number) => ((seconds - span.from) / (span.to - span.from)) * pixels;
  return (
    <Row name={name} note={note || count(rows.length)} height={height}>
      <svg width={pixels} height={height} style={{ display: "block" }} role="group" aria-label={`${rows.length} ${name.toLowerCase()}`}>
        {lines.bars.filter((bar) => bar.to >= span.from && bar.from <= span.to && bar.line < 5).map((bar) => (
          <rect
            key={bar.at}
            x={x(bar.from)}
            y={5 + 11 * bar.line}
            width={Math.max(x(bar.to) - x(bar.from), 4)}
            height={8}
            rx={2}
            fill={TONE[rows[bar.at]?.severity ?? ""] ?? "var(--mantine-primary-color-filled)"}
            style={{ cursor: "pointer" }}
            onPointerDown={(event) => event.stopPropagation()}
            onClick={() => onPick(bar.from)}
          >
            <title>{`${rows[bar.at]?.event ?? rows[bar.at]?.check}: ${rows[bar.at]?.message}`}</title>
          </rect>
        ))}
      </svg>
    </Row>
  );
}

function stacked(rows: readonly Happening[], startNs: number, apart: number) {
  const ends: number[] = [];
  const bars = rows
    .map((row, at) => ({ at, from: (row.start_ns - startNs) / 1e9, to: (row.end_ns - startNs) / 1e9, line: 0 }))
    .sort((one, other) => one.from - other.from);
  for (const bar of bars) {
    bar.line = ends.findIndex((end) => end < bar.from);
    if (bar.line < 0) bar.line = ends.length;
    ends[bar.line] = Math.max(bar.to, bar.from + apart);
  }
  return { bars, many: ends.length };
}

/** Where a sensor recorded; gaps stay empty. */
export function Recorded({ lane, span, pixels }: { lane: Lane; span: Span; pixels: number }) {
  const x = (seconds: number) => ((seconds - span.from) / (span.to - span.from)) * pixels;
  const many = lane.seconds.length;
  const usual = many > 1 ? ((lane.seconds[many - 1] ?? 0) - (lane.seconds[0] ?? 0)) / (many - 1) : 0;
  const pieces: [number, number][] = [];
  for (const at of lane.seconds) {
    const last = pieces[pieces.length - 1];
    if (last && at - last[1] <= 2.5 * usual) last[1] = at;
    else pieces.push([at, at]);
  }
  const single = (usual / (span.to - span.from)) * pixels > 6;
  const shown = single ? lane.seconds.filter((at) => at >= span.from && at <= span.to) : [];
  return (
    <Row name={lane.channel} note={count(many)} height={16}>
      <svg width={pixels} height={16} aria-hidden style={{ display: "block" }}>
        {!single && pieces.map(([from, to]) => <rect key={from} x={x(from)} y={6} width={Math.max(x(to) - x(from), 2)} height={5} fill="var(--mantine-color-road-5)" />)}
        {shown.map((at) => (
          <rect key={at} x={x(at) - 1} y={4} width={2} height={9} fill="var(--mantine-color-road-5)" />
        ))}
      </svg>
    </Row>
  );
}
