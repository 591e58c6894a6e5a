import { describe, expect, it } from "vitest";

import { lanesOf } from "./lanes";

const node = (id: string, ...parents: string[]) => ({ id, parents });

describe("lanes of versions", () => {
  it("a history without branches is one line", () => {
    const told = lanesOf([node("c", "b"), node("b", "a"), node("a")]);
    expect(told.lane).toEqual([0, 0, 0]);
    expect(told.width).toBe(1);
    expect(told.lines).toEqual([
      { from: [0, 0], to: [0, 1] },
      { from: [0, 1], to: [0, 2] },
    ]);
  });
  it("a merge joins two lanes, and both end where they parted", () => {
    const told = lanesOf([node("merge", "ours", "theirs"), node("theirs", "base"), node("ours", "base"), node("base")]);
    expect(told.lane).toEqual([0, 1, 0, 0]);
    expect(told.lines).toHaveLength(4);
    expect(told.width).toBe(2);
  });
  it("histories that never met stand beside each other only while both run", () => {
    const told = lanesOf([node("b2", "b1"), node("a2", "a1"), node("b1"), node("a1")]);
    expect(told.lane).toEqual([0, 1, 0, 1]);
    expect(lanesOf([node("b"), node("a")]).lane).toEqual([0, 0]);
  });
  it("a parent that is not listed draws no line", () => {
    expect(lanesOf([node("b", "gone")]).lines).toEqual([]);
  });
});
