import { describe, expect, it } from "vitest";

import { commandOf, isTaken } from "./keys";

const NONE = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
const press = (key: string, held: Partial<typeof NONE> = {}, drawing = false) => commandOf({ key, ...NONE, ...held }, drawing);

describe("keys", () => {
  it("move and size", () => {
    expect(press("ArrowLeft")).toEqual({ type: "nudge", dx: -1, dy: 0, grow: false });
    expect(press("ArrowDown", { shiftKey: true })).toEqual({ type: "nudge", dx: 0, dy: 10, grow: false });
    expect(press("ArrowDown", { altKey: true, shiftKey: true })).toEqual({ type: "nudge", dx: 0, dy: 10, grow: true });
  });
  it("undo and redo, and leave other shortcuts to the browser", () => {
    expect(press("z", { ctrlKey: true })).toEqual({ type: "undo" });
    expect(press("Z", { ctrlKey: true, shiftKey: true })).toEqual({ type: "redo" });
    expect(press("y", { metaKey: true })).toEqual({ type: "redo" });
    for (const key of ["c", "a", "s", "Tab", "+", "0", "1"]) expect(press(key, { ctrlKey: true })).toBeNull();
  });
  it("leave places to Alt and a digit, and the list of keys to ?", () => {
    expect(press("4", { altKey: true })).toBeNull();
    expect(press("?", { shiftKey: true })).toBeNull();
    expect(press("B", { shiftKey: true })).toBeNull();
  });
  it("end a line while one is drawn, and submit otherwise", () => {
    expect(press("Enter", {}, true)).toEqual({ type: "finish" });
    expect(press("Enter")).toEqual({ type: "submit" });
    expect(press("Backspace", {}, true)).toEqual({ type: "cornerBack" });
    expect(press("Backspace")).toEqual({ type: "delete" });
  });
  it("choose categories by digits, in capitals too", () => {
    expect(press("3")).toEqual({ type: "category", place: 2 });
    expect(press("0")).toEqual({ type: "fit" });
    expect(press("B")).toEqual({ type: "tool", tool: "box" });
    expect(press("+", { shiftKey: true })).toEqual({ type: "zoom", by: 1.25 });
    expect(press("F5")).toBeNull();
  });
});

describe("who has a key", () => {
  it("is whoever is written in, and a button its own keys", () => {
    expect(isTaken({ tagName: "INPUT", type: "text" }, "b")).toBe(true);
    expect(isTaken({ tagName: "TEXTAREA" }, "Enter")).toBe(true);
    expect(isTaken({ tagName: "BUTTON" }, "Enter")).toBe(true);
    expect(isTaken({ tagName: "BUTTON" }, "b")).toBe(false);
    expect(isTaken({ tagName: "INPUT", type: "radio" }, "ArrowLeft")).toBe(true);
    expect(isTaken({ tagName: "INPUT", type: "radio" }, "a")).toBe(false);
    expect(isTaken(null, "b")).toBe(false);
    expect(isTaken({ tagName: "DIV" }, "Tab")).toBe(false);
  });
});
