/** Shapes on a picture as paths, in pixels as recorded. */

export type Point = readonly [x: number, y: number];

/** What says how a shape lies: its bounding box, and its points where the box does not say it all. */
export interface Shaped {
  x: number;
  y: number;
  w: number;
  h: number;
  shape: string;
  points: readonly number[];
  parts: readonly number[];
  /** Empty: pixels of the picture. */
  space: string;
}

export function pairs(points: readonly number[]): Point[] {
  return Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i] ?? 0, points[2 * i + 1] ?? 0]);
}

/** Corners of a rotated box: middle, size and angle, clockwise as seen. */
export function cornersOf(points: readonly number[]): Point[] {
  const [x = 0, y = 0, w = 0, h = 0, angle = 0] = points;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return ([[-1, -1], [1, -1], [1, 1], [-1, 1]] as const).map(([i, j]) => {
    const dx = (i * w) / 2;
    const dy = (j * h) / 2;
    return [x + dx * cos - dy * sin, y + dx * sin + dy * cos];
  });
}

/** Corners of each part, with the place of its first one. */
export function partsOf(of: Pick<Shaped, "points" | "parts">): { start: number; points: Point[] }[] {
  const all = pairs(of.points);
  const counts = of.parts.length > 0 ? of.parts : [all.length];
  let start = 0;
  return counts.map((count) => {
    const part = { start, points: all.slice(start, start + count) };
    start += count;
    return part;
  });
}

/** The path of a shape, in the coordinates of the picture. */
export function pathOf(of: Shaped): string {
  const line = (points: readonly Point[]) => points.map(([x, y]) => `${x},${y}`).join("L");
  if (of.shape === "rotated-box") return `M${line(cornersOf(of.points))}Z`;
  if (of.shape === "polygon") return partsOf(of).map((part) => `M${line(part.points)}Z`).join("");
  if (of.shape === "polyline" && of.space === "") return `M${line(pairs(of.points))}`;
  return `M${of.x},${of.y}h${of.w}v${of.h}h${-of.w}Z`;
}
