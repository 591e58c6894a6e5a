import { describe, expect, it } from "vitest";

import { differing, drawn } from "./drawn";

const box = (category: string, x: number, w = 10) => ({ category, x, y: 0, w, h: 5 });

describe("boxes to draw", () => {
  it("leave out what has no size", () => {
    expect(drawn([box("car", 1), box("car", 2, 0), { category: "lane" }], "plain")).toHaveLength(1);
    expect(drawn(null, "plain")).toEqual([]);
  });
  it("are told apart from before to after", () => {
    const told = differing([box("car", 1), box("sign", 5)], [box("car", 1.01), box("sign", 9)]);
    expect(told.same.map((mark) => mark.category)).toEqual(["car"]);
    expect(told.before.map((mark) => mark.x)).toEqual([5]);
    expect(told.after.map((mark) => [mark.x, mark.as])).toEqual([[9, "after"]]);
  });
});
