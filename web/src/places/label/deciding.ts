/** Adjudication as values: things, what each look says of them, and whose mark is taken. */
import { itemOf, markOf, wordsOf, type Item, type Mark, type Turn } from "./marks";

/** A look's place; `NEITHER` where the thing is none; null while nobody decided. */
export type Taken = number | null;
export const NEITHER = -1;

export interface Thing {
  /** By look; null where it has none. */
  marks: (Mark | null)[];
  /** All looks have it, and say the same. */
  agreed: boolean;
}

export function thingsOf(turn: Pick<Turn, "looks" | "things">): Thing[] {
  return turn.things.map((places) => {
    const marks = places.map((place, look) => {
      const mark = place < 0 ? undefined : turn.looks[look]?.[place];
      return mark ? markOf(mark) : null;
    });
    const words = new Set(marks.map((mark) => (mark ? wordsOf(mark) : "")));
    return { marks, agreed: words.size === 1 };
  });
}

/** Things that were seen alike need nobody to decide. */
export function atFirst(things: readonly Thing[]): Taken[] {
  return things.map((thing) => (thing.agreed ? 0 : null));
}

/** The first thing that nobody decided on, from a place on and round; -1 where all are decided. */
export function undecided(taken: readonly Taken[], from = 0): number {
  for (let i = 0; i < taken.length; i += 1) {
    const at = (from + i) % taken.length;
    if (taken[at] === null) return at;
  }
  return -1;
}

export function itemsTaken(things: readonly Thing[], taken: readonly Taken[]): Item[] {
  return things.flatMap((thing, at) => {
    const look = taken[at];
    const mark = look === null || look === undefined || look === NEITHER ? null : thing.marks[look];
    return mark ? [itemOf({ ...mark, id: "" }, "hand")] : [];
  });
}
