/** The loop as a picture: what each stop holds, what waits there, where data goes next. */
import { useNavigate } from "@tanstack/react-router";

import type { Schemas } from "../../api/ask";
import { count } from "../../parts/Figure";
import classes from "./loop.module.css";

type Stop = Schemas["Stop"];

const [WIDE, TALL] = [1080, 356];
const [ACROSS, HIGH] = [148, 76];
const COLUMNS = [96, 318, 540, 762, 984];
const ROWS = [52, 178, 304];

interface Place {
  column: number;
  row: number;
  to: string;
  search?: { view?: string };
}

/** Where each stop stands; data goes along the top, down, back along the bottom, and up again. */
const PLACES: Record<string, Place> = {
  Recordings: { column: 0, row: 0, to: "/recordings" },
  Frames: { column: 1, row: 0, to: "/curate" },
  Selections: { column: 2, row: 0, to: "/curate", search: { view: "selections" } },
  Labels: { column: 3, row: 0, to: "/label" },
  Datasets: { column: 4, row: 0, to: "/datasets" },
  Disagreements: { column: 2, row: 1, to: "/validate" },
  Models: { column: 4, row: 2, to: "/train" },
  Evaluations: { column: 3, row: 2, to: "/validate" },
  Gates: { column: 2, row: 2, to: "/validate" },
  Plans: { column: 1, row: 2, to: "/deploy" },
};

/** What arrows are called, and which kinds of long work run along them. */
const WAYS: { path: string; name: string; x: number; y: number; kinds: string[] }[] = [
  { path: along(0, 1, 0), name: "index", x: 207, y: 44, kinds: ["check-recordings", "find-events"] },
  { path: along(1, 2, 0), name: "mine", x: 429, y: 44, kinds: ["thin-selection"] },
  { path: along(2, 3, 0), name: "label", x: 651, y: 44, kinds: ["change-guideline", "place-order", "prelabel-order"] },
  { path: along(3, 4, 0), name: "versions", x: 873, y: 44, kinds: ["append-dataset", "create-dataset", "merge-dataset", "revert-dataset", "export-dataset"] },
  { path: `M984 ${ROWS[0]! + HIGH / 2}V${ROWS[2]! - HIGH / 2 - 4}`, name: "train, tune", x: 1016, y: 182, kinds: ["train-network", "run-study"] },
  { path: along(4, 3, 2), name: "evaluate", x: 873, y: 296, kinds: ["evaluate-model", "compare-evaluations"] },
  { path: along(3, 2, 2), name: "gate", x: 651, y: 296, kinds: ["check-gate"] },
  { path: along(2, 1, 2), name: "deploy", x: 429, y: 296, kinds: ["build-plan"] },
  { path: `M${318 - ACROSS / 2} ${ROWS[2]}H96V${ROWS[0]! + HIGH / 2 + 4}`, name: "vehicles drive it", x: 150, y: 182, kinds: [] },
  { path: `M762 ${ROWS[2]! - HIGH / 2}V${ROWS[1]}H${540 + ACROSS / 2 + 4}`, name: "re-simulate", x: 690, y: 170, kinds: ["resimulate"] },
  { path: `M540 ${ROWS[1]! - HIGH / 2}V${ROWS[0]! + HIGH / 2 + 4}`, name: "next query", x: 580, y: 118, kinds: [] },
];

function along(from: number, to: number, row: number): string {
  const way = to > from ? 1 : -1;
  return `M${COLUMNS[from]! + (way * ACROSS) / 2} ${ROWS[row]}H${COLUMNS[to]! - way * (ACROSS / 2 + 4)}`;
}

export function Diagram({ stops, busy }: { stops: readonly Stop[]; busy: ReadonlySet<string> }) {
  return (
    <div style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="the loop">
      <svg viewBox={`0 0 ${WIDE} ${TALL}`} className={classes.loop} role="group" aria-label="stops of the loop">
        <defs>
          <marker id="loop-head" viewBox="0 0 8 8" refX={6} refY={4} markerWidth={7} markerHeight={7} orient="auto">
            <path d="M0 0L8 4L0 8z" className={classes.head} />
          </marker>
        </defs>
        {WAYS.map((way) => {
          const on = way.kinds.some((kind) => busy.has(kind));
          return (
            <g key={way.name}>
              <path d={way.path} className={classes.way} data-on={on || undefined} markerEnd="url(#loop-head)" />
              <text x={way.x} y={way.y} textAnchor="middle" className={classes.name}>
                {way.name}
              </text>
            </g>
          );
        })}
        {stops.map((stop) => (
          <Box key={stop.name} stop={stop} />
        ))}
      </svg>
    </div>
  );
}

function Box({ stop }: { stop: Stop }) {
  const go = useNavigate();
  const place = PLACES[stop.name];
  if (!place) return null;
  const [x, y] = [COLUMNS[place.column]!, ROWS[place.row]!];
  return (
    <a
      href={place.to}
      className={classes.stop}
      data-empty={stop.count === 0 || undefined}
      onClick={(event) => {
        event.preventDefault();
        void go({ to: place.to, search: place.search ?? {} });
      }}
    >
      <title>{`${count(stop.count)} ${stop.unit}${stop.waiting ? `; ${count(stop.waiting)} ${stop.waits_for}` : ""}`}</title>
      <rect x={x - ACROSS / 2} y={y - HIGH / 2} width={ACROSS} height={HIGH} rx={9} />
      <text x={x} y={y - 13} textAnchor="middle" className={classes.title}>
        {stop.name}
      </text>
      <text x={x} y={y + 11} textAnchor="middle" className={classes.count}>
        {count(stop.count)}
      </text>
      <text x={x} y={y + 28} textAnchor="middle" className={stop.waiting ? classes.waits : classes.name}>
        {stop.waiting ? `${count(stop.waiting)} waiting` : stop.unit}
      </text>
    </a>
  );
}
