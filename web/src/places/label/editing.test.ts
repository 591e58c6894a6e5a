import { describe, expect, it } from "vitest";

import { chosenIn, edited, itemsIn, opened, type Action, type Editing } from "./editing";
import { itemOf, plain, taxonomyOf, type Category } from "./marks";

const TAXONOMY: Category[] = [
  { name: "car", parent: "", shapes: ["box"], attributes: { occluded: ["no", "partly"], note: [] } },
  { name: "light", parent: "", shapes: ["box"], attributes: { light_state: ["red", "green"] } },
  { name: "lane", parent: "", shapes: ["polyline", "polygon"], attributes: {} },
];
const box = (x: number, category = "car") => plain(category, { x, y: 10, w: 20, h: 20 });

function desk(...xs: number[]): Editing {
  const items = xs.map((x) => itemOf(box(x), "model"));
  return edited(opened(items, TAXONOMY), { type: "size", size: [200, 100] });
}

function after(start: Editing, ...actions: Action[]): Editing {
  return actions.reduce(edited, start);
}

const xs = (editing: Editing) => itemsIn(editing).map((item) => item.mark.x);

describe("going through annotations", () => {
  it("leaves behind the last one and before the first", () => {
    const there = after(desk(1, 2), { type: "go", by: 1 }, { type: "go", by: 1 });
    expect(chosenIn(there)?.mark.x).toBe(2);
    expect(edited(there, { type: "go", by: 1 }).chosen).toBeNull();
    expect(chosenIn(after(desk(1, 2), { type: "go", by: -1 }))?.mark.x).toBe(2);
  });
  it("accepts pre-labels, and ends on one that nobody looked at", () => {
    const first = after(desk(1, 2, 3), { type: "go", by: 1 }, { type: "accept" });
    expect(itemsIn(first).map((item) => item.seen)).toEqual([true, false, false]);
    expect(chosenIn(first)?.mark.x).toBe(2);
    const all = after(first, { type: "accept" }, { type: "accept" });
    expect(itemsIn(all).every((item) => item.seen)).toBe(true);
    expect(itemsIn(edited(all, { type: "undo" })).map((item) => item.seen)).toEqual([true, true, false]);
  });
});

describe("undo", () => {
  it("takes a movement back as one step", () => {
    const right: Action = { type: "nudge", dx: 1, dy: 0, grow: false };
    const there = after(desk(1), { type: "go", by: 1 }, right, right, right);
    expect(xs(there)).toEqual([4]);
    const back = edited(there, { type: "undo" });
    expect(xs(back)).toEqual([1]);
    expect(xs(edited(back, { type: "redo" }))).toEqual([4]);
  });
  it("brings a deleted annotation back, and forgets what was undone when something else is done", () => {
    const gone = after(desk(1, 2), { type: "go", by: 1 }, { type: "delete" });
    expect([xs(gone), chosenIn(gone)?.mark.x]).toEqual([[2], 2]);
    const back = edited(gone, { type: "undo" });
    expect(xs(back)).toEqual([1, 2]);
    const other = after(back, { type: "go", by: -1 }, { type: "nudge", dx: 0, dy: 5, grow: false });
    expect(edited(other, { type: "redo" })).toEqual(other);
  });
  it("does nothing where nothing was done", () => {
    const start = desk(1);
    expect(itemsIn(edited(start, { type: "undo" }))).toBe(itemsIn(start));
  });
});

describe("categories and attributes", () => {
  it("change what is chosen, else what is drawn next", () => {
    const light = after(desk(1), { type: "go", by: 1 }, { type: "category", place: 1 }, { type: "cycle", place: 0 });
    expect(chosenIn(light)?.mark).toMatchObject({ category: "light", light_state: "red" });
    const lane = edited(desk(1), { type: "category", place: 2 });
    expect(lane.category).toBe("lane");
  });
  it("keep the shape that a category takes", () => {
    const same = after(desk(1), { type: "go", by: 1 }, { type: "category", place: 2 });
    expect(chosenIn(same)?.mark.category).toBe("car");
    expect(edited(desk(), { type: "tool", tool: "point" }).tool).toBe("select");
    expect(edited(desk(), { type: "tool", tool: "polyline" })).toMatchObject({ tool: "polyline", category: "lane" });
  });
  it("go through the values of an attribute, and drop what another category does not ask for", () => {
    const one = after(desk(1), { type: "go", by: 1 }, { type: "cycle", place: 0 }, { type: "cycle", place: 0 });
    expect(chosenIn(one)?.mark.attributes).toEqual({ occluded: "partly" });
    expect(chosenIn(edited(one, { type: "category", place: 1 }))?.mark.attributes).toEqual({});
    const noted = edited(one, { type: "attribute", name: "note", value: "dirty" });
    expect(chosenIn(noted)?.mark.attributes).toEqual({ occluded: "partly", note: "dirty" });
    expect(chosenIn(edited(noted, { type: "attribute", name: "note", value: "" }))?.mark.attributes).toEqual({ occluded: "partly" });
  });
});

describe("drawing", () => {
  it("makes a line of its corners, and nothing of one corner", () => {
    const tool = edited(desk(), { type: "tool", tool: "polyline" });
    expect(itemsIn(after(tool, { type: "corner", at: [1, 1] }, { type: "finish" }))).toHaveLength(0);
    const line = after(tool, { type: "corner", at: [1, 1] }, { type: "corner", at: [9, 5] }, { type: "corner", at: [50, 50] }, { type: "cornerBack" }, { type: "finish" });
    expect(chosenIn(line)?.mark).toMatchObject({ category: "lane", points: [1, 1, 9, 5], w: 8, h: 4 });
  });
  it("puts a box under the hand, and a vertex into a chosen line", () => {
    const made = edited(desk(), { type: "insert", at: [0, 0] });
    expect(chosenIn(made)?.mark).toMatchObject({ category: "car", x: 0, y: 0, w: 10, h: 10 });
    const line = after(edited(desk(), { type: "tool", tool: "polyline" }), { type: "corner", at: [0, 0] }, { type: "corner", at: [10, 0] }, { type: "finish" });
    const more = edited(line, { type: "insert", at: [5, 3] });
    expect([more.vertex, chosenIn(more)?.mark.points]).toEqual([1, [0, 0, 5, 0, 10, 0]]);
    expect(chosenIn(edited(more, { type: "delete" }))?.mark.points).toEqual([0, 0, 10, 0]);
  });
  it("refuses a box without an area", () => {
    expect(itemsIn(edited(desk(), { type: "add", mark: plain("car", { w: 0, h: 5 }) }))).toHaveLength(0);
  });
});

describe("looking only", () => {
  it("changes nothing", () => {
    const shown = opened([itemOf(box(1), "given")], TAXONOMY, true);
    const tried = after(shown, { type: "go", by: 1 }, { type: "delete" }, { type: "nudge", dx: 5, dy: 5, grow: false });
    expect([xs(tried), tried.chosen !== null]).toEqual([[1], true]);
  });
});

describe("taxonomy without a guideline", () => {
  it("has what is usual and what is there", () => {
    const names = taxonomyOf(null, [plain("tram", {})]).map((one) => one.name);
    expect(names).toContain("tram");
    expect(names[0]).toBe("car");
  });
});
