import { describe, expect, it } from "vitest";

import { flat, holds, misread, ordered, rulesOf, telling } from "./columns";

const run = (epochs: number, channels: number, seed = 0) => ({ seed, dataset: "dataset:a", parameters: { epochs, network: { channels, categories: ["car"] } } });

describe("columns of runs", () => {
  it("are the parameters that tell runs apart, with those of the network", () => {
    const rows = [run(2, 16), run(4, 16), run(4, 32, 7)].map(flat);
    expect(telling(rows)).toEqual(["seed", "epochs", "network.channels"]);
    expect(telling([])).toEqual([]);
    expect(telling([{ a: 1 }, { a: 1, b: 2 }])).toEqual(["b"]);
  });
});

describe("a filter of runs", () => {
  const rows = [run(2, 16), run(20, 16), run(20, 32)].map(flat);
  const kept = (text: string) => rows.filter((row) => holds(row, rulesOf(text).rules)).length;
  it("compares numbers as numbers", () => {
    expect(kept("epochs >= 10")).toBe(2);
    expect(kept("epochs >= 10, network.channels = 16")).toBe(1);
    expect(kept("epochs < 10")).toBe(1);
  });
  it("finds a part of a text", () => {
    expect(kept("dataset = aset:a")).toBe(3);
    expect(kept("dataset != dataset:a")).toBe(0);
  });
  it("tells what it cannot read, and knows nothing of a column that is not there", () => {
    expect(rulesOf("epochs > 3, blah").wrong).toEqual(["blah"]);
    expect(kept("nothing = 3")).toBe(0);
    expect(rulesOf("epochs >> 2").wrong).toEqual(["epochs >> 2"]);
    expect(misread(rulesOf("nothing = 3, epochs = abc, seed = 1").rules, rows)).toEqual(["no run has nothing", "epochs is a number, abc is none"]);
    expect(misread(rulesOf("nothing = 3").rules, [])).toEqual([]);
  });
});

describe("order", () => {
  it("keeps what has no value behind, whichever way", () => {
    expect(ordered([3, null, 1], (one) => one, false)).toEqual([1, 3, null]);
    expect(ordered([3, null, 1], (one) => one, true)).toEqual([3, 1, null]);
  });
});
