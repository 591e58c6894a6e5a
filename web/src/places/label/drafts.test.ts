import { beforeEach, describe, expect, it } from "vitest";

import { Box } from "./box.test-kit";
import { Drafts } from "./drafts";
import { itemOf, plain } from "./marks";

const DAY = 24 * 3600 * 1000;
const draft = (token: number, who = "Ada", task = "t") => ({
  who, task, token, kind: "draw", frame: "f", order: "o", items: [itemOf(plain("car", { w: 4, h: 4 }), "hand")], sending: false,
});

describe("drafts", () => {
  let now = 0;
  let box: Box;
  let drafts: Drafts;
  beforeEach(() => {
    now = 100 * DAY;
    box = new Box();
    drafts = new Drafts(box, () => now);
  });
  it("are found again by who, task and token, whatever else is stored", () => {
    box.setItem("other", "{");
    drafts.save(draft(1));
    now += 5;
    drafts.save(draft(2));
    drafts.save(draft(1, "Ben"));
    expect(drafts.find("Ada", "t", 1)?.items[0]?.mark.category).toBe("car");
    expect(drafts.find("Ada", "t", 3)).toBeNull();
    expect(drafts.of("Ada").map((one) => one.token)).toEqual([2, 1]);
    drafts.drop(draft(1));
    expect(drafts.of("Ada").map((one) => one.token)).toEqual([2]);
    expect(drafts.of("Ben")).toHaveLength(1);
  });
  it("are nothing where they are damaged, and go after a month", () => {
    drafts.save(draft(1));
    box.setItem("ringroad.draft.1.Ada.t.9", "not JSON");
    expect(drafts.of("Ada")).toHaveLength(1);
    expect(box.length).toBe(1);
    now += 31 * DAY;
    expect(drafts.of("Ben")).toHaveLength(0);
    expect(box.length).toBe(0);
  });
  it("say where there is no room", () => {
    expect(new Drafts(new Box(10)).save(draft(1))).toBe(false);
    expect(drafts.save(draft(1))).toBe(true);
  });
});
