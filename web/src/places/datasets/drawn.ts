/** Annotations as the API tells them, as boxes to be drawn. */
import type { Look, Mark } from "../../parts/Marked";

interface Told {
  x?: unknown;
  y?: unknown;
  w?: unknown;
  h?: unknown;
  category?: unknown;
}

/** Boxes bound every shape; what has no size is left out. */
export function drawn(marks: readonly Told[] | null | undefined, as: Look): Mark[] {
  return (marks ?? []).flatMap(({ x, y, w, h, category }) =>
    [x, y, w, h].every((value) => typeof value === "number") && Number(w) > 0
      ? [{ x: Number(x), y: Number(y), w: Number(w), h: Number(h), category: String(category), as }]
      : [],
  );
}

/** What two versions of a frame do not have alike, each side's own; boxes are equal to a tenth of a pixel. */
export function differing(before: readonly Told[] | null | undefined, after: readonly Told[] | null | undefined): { before: Mark[]; after: Mark[]; same: Mark[] } {
  const key = (mark: Mark) => [mark.category, ...[mark.x, mark.y, mark.w, mark.h].map((value) => value.toFixed(1))].join(" ");
  const old = drawn(before, "before");
  const now = drawn(after, "after");
  const held = new Set(now.map(key));
  const was = new Set(old.map(key));
  return {
    before: old.filter((mark) => !held.has(key(mark))),
    after: now.filter((mark) => !was.has(key(mark))),
    same: now.filter((mark) => was.has(key(mark))).map((mark) => ({ ...mark, as: "kept" as const })),
  };
}
