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
  it("keep their shape where the box does not say it all", () => {
    const lane = { ...box("lane", 1), shape: "polyline", points: [1, 0, 6, 5, 11, 0], parts: [], space: "" };
    const upright = { ...lane, w: 0, points: [1, 0, 1, 5] };
    expect(drawn([lane, upright, box("car", 1)], "plain").map((mark) => mark.drawn?.points.length)).toEqual([6, 4, undefined]);
    const bent = { ...lane, points: [1, 0, 6, 4, 11, 0] };
    expect(differing([lane], [bent]).after).toHaveLength(1);
  });
  it("differ where only what is said of them does", () => {
    const light = { ...box("light", 1), light_state: "red", attributes: { a: "1", b: "2" } };
    expect(differing([light], [{ ...light, attributes: { b: "2", a: "1" } }]).same).toHaveLength(1);
    expect(differing([light], [{ ...light, light_state: "green" }]).before).toHaveLength(1);
  });
});
