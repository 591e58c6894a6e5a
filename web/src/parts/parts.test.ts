import { describe, expect, it } from "vitest";

import { nearest } from "./nearest";
import { differingParameters } from "./parameters";

describe("nearest frame", () => {
  const frames = [0, 100, 220, 300].map((time_ns) => ({ time_ns }));
  it("is the one before where that is nearer", () => {
    expect([-5, 0, 49, 51, 159, 161, 10_000].map((ns) => nearest(frames, ns))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });
});

describe("parameters that tell runs apart", () => {
  it("leave out what all have alike, and what is no plain value", () => {
    const runs = [
      { parameters: { epochs: 2, batch: 8, network: { width: 1 } } },
      { parameters: { epochs: 4, batch: 8, network: { width: 2 } } },
    ];
    expect(differingParameters(runs)).toEqual(["epochs"]);
    expect(differingParameters([])).toEqual([]);
  });
});
