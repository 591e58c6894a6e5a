/** Shapes on a picture: moved, resized, with vertices put in and taken out. Pixels as recorded. */
import { type Point, cornersOf, pairs, partsOf, pathOf } from "../../parts/shapes";
import type { Mark, Size } from "./marks";

export { cornersOf, pairs, partsOf, pathOf };
export type { Point };

export type Handle = "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";
export const HANDLES: Handle[] = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const LEAST = 1;

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The mark with the bounding box that its points have. */
export function bounded(mark: Mark): Mark {
  if (mark.space !== "" || mark.points.length === 0) return mark;
  const at = mark.shape === "rotated-box" ? cornersOf(mark.points) : pairs(mark.points);
  const xs = at.map((point) => point[0]);
  const ys = at.map((point) => point[1]);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { ...mark, x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

/** Whether the editor can change its shape; masks and cuboids are shown, kept and deleted. */
export function isEditable(mark: Mark): boolean {
  return mark.space === "" && mark.shape !== "mask" && mark.shape !== "cuboid";
}

/** Moved, and kept on the picture as a whole. */
export function moved(mark: Mark, dx: number, dy: number, size: Size): Mark {
  if (!isEditable(mark)) return mark;
  const mx = clamp(dx, Math.min(-mark.x, 0), Math.max(size[0] - mark.x - mark.w, 0));
  const my = clamp(dy, Math.min(-mark.y, 0), Math.max(size[1] - mark.y - mark.h, 0));
  const shifted = { ...mark, x: mark.x + mx, y: mark.y + my };
  if (mark.shape === "rotated-box") {
    const [x = 0, y = 0, ...rest] = mark.points;
    return { ...shifted, points: [x + mx, y + my, ...rest] };
  }
  return { ...shifted, points: mark.points.map((value, i) => value + (i % 2 ? my : mx)) };
}

/** A box with its lower right edge moved; a rotated box grows around its middle. */
export function grown(mark: Mark, dw: number, dh: number, size: Size): Mark {
  if (mark.shape === "rotated-box") {
    const [x = 0, y = 0, w = 0, h = 0, angle = 0] = mark.points;
    return bounded({ ...mark, points: [x, y, Math.max(LEAST, w + dw), Math.max(LEAST, h + dh), angle] });
  }
  if (mark.shape !== "box") return mark;
  return {
    ...mark,
    w: clamp(mark.w + dw, LEAST, Math.max(LEAST, size[0] - mark.x)),
    h: clamp(mark.h + dh, LEAST, Math.max(LEAST, size[1] - mark.y)),
  };
}

/** A box whose edges at a handle are pulled to a place; pulled over, it turns inside out. */
export function pulled(mark: Mark, handle: Handle, to: Point, size: Size): Mark {
  const x = clamp(to[0], 0, size[0]);
  const y = clamp(to[1], 0, size[1]);
  let [left, top, right, bottom] = [mark.x, mark.y, mark.x + mark.w, mark.y + mark.h];
  if (handle.includes("w")) left = x;
  if (handle.includes("e")) right = x;
  if (handle.includes("n")) top = y;
  if (handle.includes("s")) bottom = y;
  return { ...mark, ...between([left, top], [right, bottom]) };
}

export function between(one: Point, other: Point): { x: number; y: number; w: number; h: number } {
  return {
    x: Math.min(one[0], other[0]), y: Math.min(one[1], other[1]),
    w: Math.abs(one[0] - other[0]), h: Math.abs(one[1] - other[1]),
  };
}

/** A rotated box turned so that its upper side looks to a place. */
export function turnedTo(mark: Mark, to: Point): Mark {
  const [x = 0, y = 0, w = 0, h = 0] = mark.points;
  return bounded({ ...mark, points: [x, y, w, h, Math.atan2(to[1] - y, to[0] - x) + Math.PI / 2] });
}

export function vertexMoved(mark: Mark, vertex: number, to: Point, size: Size): Mark {
  const points = [...mark.points];
  points[2 * vertex] = clamp(to[0], 0, size[0]);
  points[2 * vertex + 1] = clamp(to[1], 0, size[1]);
  return bounded({ ...mark, points });
}

/** Without one vertex; the mark as it is where it would be none any more. */
export function vertexRemoved(mark: Mark, vertex: number): Mark {
  const part = partOf(mark, vertex);
  const corners = mark.parts.length > 0 ? (mark.parts[part] ?? 0) : mark.points.length / 2;
  if (corners <= (mark.shape === "polygon" ? 3 : 2)) return mark;
  const parts = mark.parts.map((count, i) => (i === part ? count - 1 : count));
  return bounded({ ...mark, parts, points: mark.points.filter((_, i) => i >> 1 !== vertex) });
}

/** With a vertex on the side nearest to a place; says which it became. */
export function vertexInserted(mark: Mark, at: Point): { mark: Mark; vertex: number } {
  const { vertex, point, part } = nearestSide(mark, at);
  const points = [...mark.points];
  points.splice(2 * vertex, 0, ...point);
  const parts = mark.parts.map((count, i) => (i === part ? count + 1 : count));
  return { mark: bounded({ ...mark, points, parts }), vertex };
}

/** The side nearest to a place, and the point on it. */
export function nearestSide(mark: Mark, at: Point): { vertex: number; point: Point; distance: number; part: number } {
  let best = { vertex: 1, point: at, distance: Infinity, part: 0 };
  partsOf(mark).forEach(({ start, points }, part) => {
    const sides = mark.shape === "polygon" ? points.length : points.length - 1;
    for (let i = 0; i < sides; i += 1) {
      const a = points[i] ?? at;
      const b = points[(i + 1) % points.length] ?? at;
      const point = onSegment(a, b, at);
      const distance = Math.hypot(point[0] - at[0], point[1] - at[1]);
      if (distance < best.distance) best = { vertex: start + i + 1, point, distance, part };
    }
  });
  return best;
}

function onSegment(a: Point, b: Point, at: Point): Point {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : clamp(((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / length, 0, 1);
  return [a[0] + share * dx, a[1] + share * dy];
}

function partOf(mark: Mark, vertex: number): number {
  return Math.max(0, partsOf(mark).findIndex(({ start, points }) => vertex < start + points.length));
}

/** Whether what was drawn is something: an area has an area. */
export function isSomething(mark: Mark): boolean {
  if (mark.shape === "box" || mark.shape === "rotated-box" || mark.shape === "polygon") return mark.w >= LEAST && mark.h >= LEAST;
  return mark.shape !== "polyline" || mark.points.length >= 4;
}
