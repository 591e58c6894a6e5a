/** Curves over one axis, drawn by uPlot; the hand moves one cursor over all of them. */
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Series {
  label: string;
  values: (number | null)[];
}

interface Props {
  x: number[];
  series: Series[];
  height?: number;
  xLabel?: string;
  unit?: string;
  at?: number | undefined;
  onPick?: ((x: number) => void) | undefined;
  label: string;
}

const COLOURS = ["#147f88", "#d9480f", "#5f3dc4", "#2b8a3e", "#c2255c", "#1864ab", "#e67700", "#495057"];

export function Curve({ x, series, height = 110, xLabel = "s", unit = "", at, onPick, label }: Props) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const dark = useComputedColorScheme("light") === "dark";
  useEffect(() => {
    if (!place.current || width < 50) return;
    const line = dark ? "#5c5f66" : "#ced4da";
    const ink = dark ? "#c1c2c5" : "#495057";
    const axis = { stroke: ink, grid: { stroke: line, width: 0.5 }, ticks: { stroke: line, width: 0.5 }, font: "11px system-ui" };
    const made = new uPlot(
      {
        width,
        height,
        legend: { show: series.length > 1 },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false } },
        axes: [{ ...axis, label: undefined as unknown as string, values: (_, ticks) => ticks.map((tick) => `${tick} ${xLabel}`) }, { ...axis, size: 56 }],
        series: [
          { label: xLabel },
          ...series.map((one, i) => ({
            label: unit ? `${one.label} (${unit})` : one.label,
            stroke: COLOURS[i % COLOURS.length] ?? "#147f88",
            width: 1.4,
            points: { show: one.values.length < 30 },
          })),
        ],
      },
      [x, ...series.map((one) => one.values)] as uPlot.AlignedData,
      place.current,
    );
    made.over.addEventListener("click", () => {
      const left = made.cursor.left ?? -1;
      if (left >= 0) pick.current?.(made.posToVal(left, "x"));
    });
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [x, series, width, height, dark, xLabel, unit]);
  const left = markAt(x, at);
  return (
    <div ref={ref} style={{ position: "relative", width: "100%" }} role="img" aria-label={label}>
      <div ref={place} />
      {left !== null && (
        <div
          aria-hidden
          style={{ position: "absolute", top: 8, bottom: 30, width: 2, background: "var(--mantine-color-red-6)", left: `calc(56px + (100% - 72px) * ${left})`, pointerEvents: "none" }}
        />
      )}
    </div>
  );
}

function markAt(x: number[], at: number | undefined): number | null {
  const first = x[0];
  const last = x[x.length - 1];
  if (at === undefined || first === undefined || last === undefined || last <= first) return null;
  const share = (at - first) / (last - first);
  return share >= 0 && share <= 1 ? share : null;
}
