/** What the chosen annotation is pulled by: edges of a box, vertices of a line, the turn of a box. */
import { cornersOf, HANDLES, isEditable, pairs, type Handle, type Point } from "./geometry";
import type { Mark } from "./marks";

/** What a pointer took hold of. */
export type Grip =
  | { of: "shape" }
  | { of: "edge"; handle: Handle }
  | { of: "vertex"; vertex: number }
  | { of: "turn" };

const CURSORS: Record<Handle, string> = {
  nw: "nwse-resize", n: "ns-resize", ne: "nesw-resize", e: "ew-resize", se: "nwse-resize", s: "ns-resize", sw: "nesw-resize", w: "ew-resize",
};

interface Props {
  mark: Mark;
  scale: number;
  vertex: number | null;
  onGrip: (grip: Grip, event: React.PointerEvent) => void;
}

export function Handles({ mark, scale, vertex, onGrip }: Props) {
  if (!isEditable(mark) || mark.shape === "point") return null;
  const side = 9 / scale;
  const square = (key: string, [x, y]: Point, grip: Grip, cursor: string, full = false) => (
    <rect
      key={key}
      className="label-handle"
      x={x - side / 2}
      y={y - side / 2}
      width={side}
      height={side}
      style={{ cursor, ...(full ? { fill: "var(--mantine-primary-color-filled)" } : {}) }}
      onPointerDown={(event) => onGrip(grip, event)}
    />
  );
  if (mark.shape === "box") {
    const small = Math.min(mark.w, mark.h) * scale < SMALL_PX;
    const handles = small ? HANDLES.filter((handle) => handle.length === 2) : HANDLES;
    const out = small ? side / 2 : 0;
    return <>{handles.map((handle) => square(handle, placeOf(mark, handle, out), { of: "edge", handle }, CURSORS[handle]))}</>;
  }
  if (mark.shape === "rotated-box") {
    const [one, other] = cornersOf(mark.points);
    const [x = 0, y = 0, , h = 0, angle = 0] = mark.points;
    const reach = h / 2 + 22 / scale;
    const grip: Point = [x + reach * Math.sin(angle), y - reach * Math.cos(angle)];
    const top: Point = one && other ? [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2] : grip;
    return (
      <>
        <line x1={top[0]} y1={top[1]} x2={grip[0]} y2={grip[1]} stroke="#fff" vectorEffect="non-scaling-stroke" />
        <circle className="label-handle" cx={grip[0]} cy={grip[1]} r={side / 1.6} style={{ cursor: "grab" }} onPointerDown={(event) => onGrip({ of: "turn" }, event)} />
      </>
    );
  }
  return <>{pairs(mark.points).map((point, i) => square(String(i), point, { of: "vertex", vertex: i }, "move", i === vertex))}</>;
}

/** Handles of what is small on the screen stand around it, so that they do not hide it. */
const SMALL_PX = 40;

function placeOf(mark: Mark, handle: Handle, out: number): Point {
  const x = handle.includes("w") ? mark.x - out : handle.includes("e") ? mark.x + mark.w + out : mark.x + mark.w / 2;
  const y = handle.includes("n") ? mark.y - out : handle.includes("s") ? mark.y + mark.h + out : mark.y + mark.h / 2;
  return [x, y];
}
