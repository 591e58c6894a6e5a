import { describe, expect, it } from "vitest";

import { type Shelf, kept } from "./useKept";

const shelf = (text: string | null): Shelf => ({ getItem: () => text, setItem: () => undefined, removeItem: () => undefined });

describe("what is kept in the browser", () => {
  it("is read back, and nothing where it is damaged or missing", () => {
    expect(kept(shelf('{"a": 1}'), "x")).toEqual({ a: 1 });
    for (const text of [null, "{", "3", "null"]) expect(kept(shelf(text), "x")).toBeNull();
    expect(kept({ ...shelf(null), getItem: () => { throw new Error("locked"); } }, "x")).toBeNull();
  });
});
