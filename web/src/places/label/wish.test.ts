import { describe, expect, it } from "vitest";

import { bodyOf, EMPTY, namesIn } from "./wish";

describe("the form of an order", () => {
  it("says names once, and shares as shares", () => {
    expect(namesIn(" Ada, Ben,,Ada ")).toEqual(["Ada", "Ben"]);
    const body = bodyOf({ ...EMPTY, name: " night ", selection: "s", review: 25, annotators: "Ada", inTurns: true });
    expect(body).toMatchObject({ name: "night", lots: null, review_share: 0.25, in_turns: true, looks_options: { looks: 2 } });
  });
  it("reviews lots, or frames by chance, never both", () => {
    expect(bodyOf({ ...EMPTY, lotSize: 50, review: 25 })).toMatchObject({ lots: { size: 50, aql: 0.01, ltpd: 0.1 }, review_share: 0 });
  });
  it("leaves out what a policy does not take", () => {
    expect(bodyOf({ ...EMPTY, policy: "adaptive" }).looks_options).toEqual({});
    expect(bodyOf({ ...EMPTY, inTurns: true }).in_turns).toBe(false);
  });
});
