/** Annotations as the API tells them, to be drawn and told apart. */
import type { Look, Mark } from "../../parts/Marked";
import type { Shaped } from "../../parts/shapes";

type Told = Readonly<Record<string, unknown>>;

const number = (value: unknown) => (typeof value === "number" ? value : 0);
const numbers = (value: unknown) => (Array.isArray(value) ? value.map(number) : []);
const text = (value: unknown) => (typeof value === "string" ? value : "");

/** What has neither a size nor points on the picture is left out. */
export function drawn(marks: readonly Told[] | null | undefined, as: Look): Mark[] {
  return (marks ?? []).map(shaped).filter(visible).map((one) => markOf(one, as));
}

/** What two versions of a frame do not have alike, each side's own; pixels are equal to a tenth. */
export function differing(before: readonly Told[] | null | undefined, after: readonly Told[] | null | undefined): { before: Mark[]; after: Mark[]; same: Mark[] } {
  const old = (before ?? []).map(shaped).filter(visible);
  const now = (after ?? []).map(shaped).filter(visible);
  const held = new Set(now.map(keyOf));
  const was = new Set(old.map(keyOf));
  const marks = (of: Drawn[], as: Look) => of.map((one) => markOf(one, as));
  return {
    before: marks(old.filter((one) => !held.has(keyOf(one))), "before"),
    after: marks(now.filter((one) => !was.has(keyOf(one))), "after"),
    same: marks(now.filter((one) => was.has(keyOf(one))), "kept"),
  };
}

interface Drawn extends Shaped {
  category: string;
  /** All that is said of it besides where it is. */
  said: string;
}

function shaped(told: Told): Drawn {
  const attributes = Object.entries((told.attributes ?? {}) as Record<string, unknown>).sort(([a], [b]) => a.localeCompare(b));
  return {
    x: number(told.x), y: number(told.y), w: number(told.w), h: number(told.h),
    shape: text(told.shape) || "box", points: numbers(told.points), parts: numbers(told.parts), space: text(told.space),
    category: text(told.category), said: JSON.stringify([text(told.light_state), text(told.track_id), attributes]),
  };
}

function visible({ w, shape, points, space }: Drawn): boolean {
  return w > 0 || (shape !== "box" && space === "" && points.length > 0);
}

function markOf({ said: _, category, ...drawn }: Drawn, as: Look): Mark {
  const { x, y, w, h } = drawn;
  return drawn.shape === "box" ? { x, y, w, h, category, as } : { x, y, w, h, category, as, drawn };
}

function keyOf({ x, y, w, h, shape, points, parts, category, said }: Drawn): string {
  const tenths = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(",");
  return [category, shape, tenths([x, y, w, h]), shape === "rotated-box" ? points.join(",") : tenths(points), parts.join(","), said].join(" ");
}
