import { beforeEach, describe, expect, it } from "vitest";

import { Box } from "./box.test-kit";
import { isStale, KeyDrafts, keysOn } from "./keyDrafts";
import { plain } from "./marks";
import type { Frames } from "./tracking";

const DAY = 24 * 3600 * 1000;
const WHICH = { who: "Ada", anchor: "r/%2Fcamera/000001", track: "7" };
const DRAFT = { ...WHICH, keys: { a: plain("car", { w: 4, h: 4 }), b: null }, revisions: { a: 1, b: 0 } };
const frames = (a: number, b: number) => [{ frame: "a", revision: a }, { frame: "b", revision: b }] as unknown as Frames;

describe("key frames that are not written yet", () => {
  let now = 0;
  let box: Box;
  let drafts: KeyDrafts;
  beforeEach(() => {
    now = 100 * DAY;
    box = new Box();
    drafts = new KeyDrafts(box, () => now);
  });
  it("are found by who, frame and track, and are gone once dropped", () => {
    expect(drafts.save(DRAFT)).toBe(true);
    expect(drafts.find(WHICH)?.keys.a?.category).toBe("car");
    expect(drafts.find(WHICH)?.keys.b).toBeNull();
    expect(drafts.find({ ...WHICH, track: "8" })).toBeNull();
    expect(drafts.find({ ...WHICH, who: "Ben" })).toBeNull();
    drafts.drop(WHICH);
    expect(drafts.find(WHICH)).toBeNull();
  });
  it("go after a month, and where they are damaged", () => {
    drafts.save(DRAFT);
    now += 31 * DAY;
    expect(drafts.find(WHICH)).toBeNull();
    expect(box.length).toBe(0);
    drafts.save(DRAFT);
    box.setItem(box.key(0) ?? "", "{");
    expect(drafts.find(WHICH)).toBeNull();
    expect(box.length).toBe(0);
  });
  it("say where there is no room", () => {
    expect(new KeyDrafts(new Box(10)).save(DRAFT)).toBe(false);
  });
  it("are stale where a frame was written since", () => {
    const draft = { ...DRAFT, saved_ms: 0 };
    expect(isStale(draft, frames(1, 0))).toBe(false);
    expect(isStale(draft, frames(2, 0))).toBe(true);
    expect(Object.keys(keysOn(draft, frames(1, 0).slice(0, 1)))).toEqual(["a"]);
  });
});
