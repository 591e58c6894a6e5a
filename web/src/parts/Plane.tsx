/** A plane to zoom and pan, in metres, with a grid and a scale bar; nothing is fetched for it. */
import { ActionIcon, Group } from "@mantine/core";
import { useSize } from "./useSize";
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { degreesFrom, distance, evenStep, type Extent, type Middle, multiples } from "./ground";

export interface View {
  /** Pixels of a metre. */
  scale: number;
  /** To pixels of the picture. */
  at: (x: number, y: number) => [number, number];
}

interface Props {
  extent: Extent;
  height: number;
  label: string;
  /** Degrees along the edges where it is known where on Earth this is. */
  middle?: Middle | undefined;
  children: (view: View) => ReactNode;
}

interface Looks {
  x: number;
  y: number;
  scale: number;
}

export function Plane({ extent, height, label, middle, children }: Props) {
  const { ref, width } = useSize<HTMLDivElement>();
  const whole = useMemo(() => fitting(extent, width, height), [extent, width, height]);
  const [own, setOwn] = useState<Looks | null>(null);
  useEffect(() => setOwn(null), [extent]);
  const looks = own ?? whole;
  const drag = useRef<{ x: number; y: number; from: Looks } | null>(null);
  const at = (x: number, y: number): [number, number] => [width / 2 + (x - looks.x) * looks.scale, height / 2 - (y - looks.y) * looks.scale];
  const zoom = (by: number, px = width / 2, py = height / 2) => {
    const scale = Math.min(Math.max(looks.scale * by, whole.scale / 4), Math.max(whole.scale * 4000, 50));
    const [x, y] = [looks.x + (px - width / 2) / looks.scale, looks.y - (py - height / 2) / looks.scale];
    setOwn({ scale, x: x - (px - width / 2) / scale, y: y + (py - height / 2) / scale });
  };
  const shift = (dx: number, dy: number) => setOwn({ ...looks, x: looks.x + (dx * width) / looks.scale / 6, y: looks.y + (dy * height) / looks.scale / 6 });
  const zoomed = useRef(zoom);
  zoomed.current = zoom;
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const place = box.getBoundingClientRect();
      zoomed.current(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - place.left, event.clientY - place.top);
    };
    box.addEventListener("wheel", wheel, { passive: false });
    return () => box.removeEventListener("wheel", wheel);
  }, [ref]);
  const move = (event: PointerEvent) => {
    const held = drag.current;
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (Math.abs(dx) + Math.abs(dy) > 3) setOwn({ ...held.from, x: held.from.x - dx / held.from.scale, y: held.from.y + dy / held.from.scale });
  };
  return (
    <div
      ref={ref}
      tabIndex={0}
      role="group"
      aria-label={`${label}; plus and minus zoom, arrows move, 0 shows all`}
      style={{ position: "relative", height, background: "var(--mantine-color-body)", border: "1px solid var(--mantine-color-default-border)", borderRadius: 4, overflow: "hidden", touchAction: "none", cursor: "grab" }}
      onPointerDown={(event) => (drag.current = { x: event.clientX, y: event.clientY, from: looks })}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      onPointerLeave={() => (drag.current = null)}
      onKeyDown={(event) => {
        const way = ARROWS[event.key];
        if (way) shift(...way);
        else if (event.key === "+" || event.key === "=") zoom(1.5);
        else if (event.key === "-") zoom(1 / 1.5);
        else if (event.key === "0") setOwn(null);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {width > 0 && (
        <svg width={width} height={height} style={{ display: "block" }}>
          <Grid looks={looks} width={width} height={height} middle={middle} at={at} />
          {children({ scale: looks.scale, at })}
          <Bar scale={looks.scale} height={height} />
        </svg>
      )}
      <Group gap={4} style={{ position: "absolute", right: 8, top: 8 }}>
        <ActionIcon size="sm" variant="default" onClick={() => zoom(1.5)} aria-label="+ zoom in">
          +
        </ActionIcon>
        <ActionIcon size="sm" variant="default" onClick={() => zoom(1 / 1.5)} aria-label="− zoom out">
          −
        </ActionIcon>
        <ActionIcon size="sm" variant="default" onClick={() => setOwn(null)} aria-label="0 show all">
          0
        </ActionIcon>
      </Group>
    </div>
  );
}

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function fitting({ left, right, bottom, top }: Extent, width: number, height: number): Looks {
  const [across, up] = [Math.max(right - left, 20), Math.max(top - bottom, 20)];
  const scale = Math.min(Math.max(width, 1) / across, height / up) * 0.86;
  return { x: (left + right) / 2, y: (bottom + top) / 2, scale };
}

interface GridProps {
  looks: Looks;
  width: number;
  height: number;
  middle: Middle | undefined;
  at: (x: number, y: number) => [number, number];
}

/** Meridians and parallels, or metres, about every 120 pixels. */
function Grid({ looks, width, height, middle, at }: GridProps) {
  const half = [width / 2 / looks.scale, height / 2 / looks.scale] as const;
  const span: Extent = { left: looks.x - half[0], right: looks.x + half[0], bottom: looks.y - half[1], top: looks.y + half[1] };
  const [uprights, levels] = middle ? degreeLines(span, middle, looks) : metreLines(span, looks);
  const ink = { stroke: "var(--mantine-color-default-border)", strokeWidth: 1 };
  const words = { fontSize: 10, fill: "var(--mantine-color-dimmed)" };
  return (
    <g aria-hidden>
      {uprights.map(([x, text]) => (
        <g key={`x${text}`}>
          <line x1={at(x, 0)[0]} x2={at(x, 0)[0]} y1={0} y2={height} {...ink} />
          <text x={at(x, 0)[0] + 3} y={height - 4} {...words}>
            {text}
          </text>
        </g>
      ))}
      {levels.map(([y, text]) => (
        <g key={`y${text}`}>
          <line y1={at(0, y)[1]} y2={at(0, y)[1]} x1={0} x2={width} {...ink} />
          <text x={4} y={at(0, y)[1] - 3} {...words}>
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}

type Lines = [place: number, text: string][];

function metreLines(span: Extent, looks: Looks): [Lines, Lines] {
  const step = evenStep(120 / looks.scale);
  const told = (value: number): [number, string] => [value, distance(Number(value.toPrecision(6)))];
  return [multiples(span.left, span.right, step).map(told), multiples(span.bottom, span.top, step).map(told)];
}

function degreeLines(span: Extent, middle: Middle, looks: Looks): [Lines, Lines] {
  const [south, west] = degreesFrom(middle, span.left, span.bottom);
  const [north, east] = degreesFrom(middle, span.right, span.top);
  const across = evenStep((120 / looks.scale / (span.right - span.left)) * (east - west));
  const up = evenStep((90 / looks.scale / (span.top - span.bottom)) * (north - south));
  const place = (value: number, low: number, high: number, from: number, to: number) => from + ((value - low) / (high - low)) * (to - from);
  const told = (value: number, step: number, signs: string) => `${Math.abs(value).toFixed(Math.max(0, -Math.floor(Math.log10(step))))}° ${signs[value < 0 ? 1 : 0]}`;
  return [
    multiples(west, east, across).map((value) => [place(value, west, east, span.left, span.right), told(value, across, "EW")]),
    multiples(south, north, up).map((value) => [place(value, south, north, span.bottom, span.top), told(value, up, "NS")]),
  ];
}

function Bar({ scale, height }: { scale: number; height: number }) {
  const metres = evenStep(110 / scale);
  const long = metres * scale;
  return (
    <g transform={`translate(14 ${height - 26})`}>
      <rect x={-6} y={-16} width={long + 12} height={24} rx={3} fill="var(--mantine-color-body)" opacity={0.85} />
      <path d={`M0 -4V2H${long}V-4`} fill="none" stroke="currentColor" strokeWidth={1.5} />
      <text x={long / 2} y={-5} textAnchor="middle" fontSize={11} fill="currentColor">
        {distance(metres)}
      </text>
    </g>
  );
}
