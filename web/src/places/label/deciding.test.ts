import { describe, expect, it } from "vitest";

import { atFirst, itemsTaken, NEITHER, thingsOf, undecided } from "./deciding";
import { plain } from "./marks";

const car = plain("car", { x: 1, w: 9, h: 9 });
const van = plain("van", { x: 2, w: 9, h: 9 });
const sign = plain("sign", { x: 50, w: 9, h: 9 });
const turn = {
  looks: [[car, car], [car, van, sign]],
  things: [[0, 0], [1, 1], [-1, 2]],
};

describe("adjudication", () => {
  const things = thingsOf(turn);
  it("leaves to a person what looks do not say alike", () => {
    expect(things.map((thing) => thing.agreed)).toEqual([true, false, false]);
    expect(atFirst(things)).toEqual([0, null, null]);
    expect(things[2]?.marks.map((mark) => mark?.category ?? null)).toEqual([null, "sign"]);
  });
  it("finds what is open, and comes round", () => {
    expect(undecided([0, null, 1, null], 2)).toBe(3);
    expect(undecided([null, 0], 1)).toBe(0);
    expect(undecided([0, NEITHER])).toBe(-1);
    expect(undecided([])).toBe(-1);
  });
  it("takes one mark of each thing, without its id", () => {
    const found = itemsTaken(things, [0, 1, NEITHER]);
    expect(found.map((item) => [item.mark.category, item.mark.id])).toEqual([["car", ""], ["van", ""]]);
    expect(itemsTaken(things, [null, 0, 0])).toHaveLength(1);
  });
});
