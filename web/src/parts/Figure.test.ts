import { describe, expect, it } from "vitest";

import { bytes, count, duration, moment } from "./Figure";

describe("figures", () => {
  it("say bytes in steps of a thousand", () => {
    expect([0, 999, 1000, 1_540_000, 2e15].map(bytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.5 MB", "2.0 PB"]);
  });
  it("group digits", () => {
    expect(count(1234567)).toBe("1\u2009234\u2009567");
  });
  it("say time in the unit that fits", () => {
    expect([5e6, 3e9, 600e9, 9000e9].map(duration)).toEqual(["5 ms", "3.0 s", "10.0 min", "2.5 h"]);
  });
  it("tell a clock from a count", () => {
    expect(moment(1_790_000_000_000_000_000)).toBe("2026-09-21 14:13:20");
    expect(moment(2_500_000_000)).toBe("+2.50 s");
  });
});
