import { describe, expect, it } from "vitest";

import { bestSoFar, brief, linear, logarithmic, ordinal } from "./scales";

describe("a linear scale", () => {
  it("reaches from end to end, with round lines between", () => {
    const scale = linear([0.2, 0.7], 100, 0);
    expect(scale.at(0.2)).toBe(100);
    expect(scale.at(0.7)).toBeCloseTo(0);
    expect(scale.ticks).toEqual([0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  });
  it("puts a single value in the middle", () => {
    expect(linear([0.5], 0, 10).at(0.5)).toBeCloseTo(5);
    expect(linear([0, 0], 0, 10).at(0)).toBeCloseTo(5);
  });
});

describe("a logarithmic scale", () => {
  it("gives each power the same room", () => {
    const scale = logarithmic([0.001, 0.1], 0, 200);
    expect(scale.at(0.01)).toBeCloseTo(100);
    expect(scale.ticks).toEqual([0.001, 0.003, 0.01, 0.03, 0.1]);
  });
  it("has a line even where no round value lies within", () => {
    expect(logarithmic([0.0031, 0.0032], 0, 10).ticks).toEqual([0.0031]);
  });
});

it("choices stand in the middle of their share", () => {
  const scale = ordinal(2, 0, 100);
  expect(scale.ticks.map(scale.at)).toEqual([25, 75]);
});

it("the best so far passes over what failed", () => {
  expect(bestSoFar([null, 0.2, 0.1, null, 0.4], false)).toEqual([null, 0.2, 0.2, 0.2, 0.4]);
  expect(bestSoFar([0.2, 0.1, 0.4], true)).toEqual([0.2, 0.1, 0.1]);
});

it("numbers are brief, and tiny ones keep their size", () => {
  expect([0.00316227, 12, 0, 1e-5, 1e38, "silu"].map(brief)).toEqual(["0.003162", "12", "0", "1e-5", "1e38", "silu"]);
});
