import { describe, expect, it } from "vitest";

import { type Plan, latency, matrices } from "./matrix";

const plan = (id: string, model: string, platform: string, precision: string, runs = 0): Plan =>
  ({
    id,
    names: [],
    manifest: { model, platform, precision, batch: 1, runtime: "ort", runtime_version: "1", threads: 1 },
    measurements: runs ? [{ artifact: id, name: "latency wall p50", value: 3, unit: "ms", detail: { runs } }] : [],
  }) as unknown as Plan;

describe("a matrix of plans", () => {
  it("has platforms down and precision across, for each model", () => {
    const told = matrices([plan("a", "m", "x86", "fp32"), plan("b", "m", "x86", "int8"), plan("c", "m", "arm", "fp32"), plan("d", "n", "x86", "fp32")]);
    expect(told.map((one) => one.model)).toEqual(["m", "n"]);
    expect(told[0]?.columns).toEqual(["batch 1, fp32", "batch 1, int8"]);
    expect(told[0]?.rows.map((row) => [row.name.split(",")[0], row.cells.size])).toEqual([["x86", 2], ["arm", 1]]);
  });
  it("says that a latency was not measured", () => {
    expect(latency(plan("a", "m", "x86", "fp32"))).toBeNull();
    expect(latency(plan("a", "m", "x86", "fp32", 200))).toEqual({ wall: { p50: 3 }, runs: 200 });
  });
});
