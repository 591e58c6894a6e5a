import { describe, expect, it } from "vitest";

import { degreesFrom, evenStep, extentOf, metresFrom, middleOf, multiples } from "./ground";

describe("places on the ground", () => {
  it("are metres from a middle, and degrees again", () => {
    const middle = middleOf([48, 48.2], [11.4, 11.6]);
    expect(middle.north).toBeCloseTo(48.1);
    const [x, y] = metresFrom(middle, 48.11, 11.51);
    expect(y).toBeCloseTo(1112, 0);
    expect(x).toBeCloseTo(742.6, 0);
    const [north, east] = degreesFrom(middle, x, y);
    expect([north, east]).toEqual([expect.closeTo(48.11, 9), expect.closeTo(11.51, 9)]);
  });
  it("are near one another across the date line", () => {
    expect(metresFrom({ north: 0, east: 179.9 }, 0, -179.9)[0]).toBeCloseTo(22239, -1);
  });
  it("stand on even steps", () => {
    expect([0.03, 0.7, 1.2, 17, 340, 0].map(evenStep)).toEqual([0.02, 0.5, 1, 20, 200, 1]);
    expect(multiples(-5, 12, 5)).toEqual([-5, 0, 5, 10]);
    expect(extentOf([], [])).toEqual({ left: 0, right: 0, bottom: 0, top: 0 });
  });
});
