import { describe, expect, it } from "vitest";

import { plain } from "./marks";
import { freshTrack, keyBeside, keysOf, sentKeys, stepTo, tracksIn, type Frames } from "./tracking";

const box = (x: number, track: string, key = true) => plain("car", { x, w: 9, h: 9, track, key, id: `id-${x}` });
const frames = ["a", "b", "c", "d"].map((frame, sequence) => ({
  frame, sequence, time_ns: sequence, width: 100, height: 100, revision: 1,
  marks: frame === "b" ? [box(1, "7", false), box(5, "12")] : frame === "d" ? [] : [box(sequence, "7")],
})) as Frames;

describe("a track that is edited", () => {
  it("has the key frames that were drawn, less those taken away, with those set", () => {
    expect(Object.keys(keysOf(frames, "7", {}))).toEqual(["a", "c"]);
    const keys = keysOf(frames, "7", { c: null, d: box(9, "") });
    expect(Object.entries(keys).map(([frame, mark]) => [frame, mark.x, mark.track])).toEqual([["a", 0, "7"], ["d", 9, "7"]]);
  });
  it("gets a number that no other has", () => {
    expect(tracksIn(frames)).toEqual(["7", "12"]);
    expect(freshTrack(frames)).toBe("13");
    expect(freshTrack([])).toBe("1");
  });
  it("is gone through frame by frame, and key by key", () => {
    expect([stepTo(frames, "a", 1), stepTo(frames, "d", 1), stepTo(frames, "b", -9)]).toEqual(["b", "d", "a"]);
    const keys = keysOf(frames, "7", {});
    expect([keyBeside(frames, keys, "b", 1), keyBeside(frames, keys, "b", -1), keyBeside(frames, keys, "c", 1)]).toEqual(["c", "a", "c"]);
  });
  it("is sent without the ids of other frames' annotations", () => {
    expect(sentKeys({ a: box(1, "7"), b: null })).toMatchObject({ a: { id: "", x: 1 }, b: null });
  });
});
