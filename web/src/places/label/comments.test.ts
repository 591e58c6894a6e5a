import { describe, expect, it } from "vitest";

import { linesOf, notesOf } from "./comments";

describe("comments of a review", () => {
  it("come back to the annotations they are about", () => {
    const lines = linesOf("look at the far lane ", new Map([[3, " too wide"], [1, "no car"], [2, " "]]), (place) => `car ${place}`);
    expect(lines).toEqual(["#1 car 1: no car", "#3 car 3: too wide", "look at the far lane"]);
    const notes = notesOf(lines.join("\n"));
    expect([...notes.at]).toEqual([[1, "no car"], [3, "too wide"]]);
    expect(notes.general).toBe("look at the far lane");
  });
  it("may be anything else", () => {
    expect(notesOf("#hash\nlot 2 was rejected: 3 of 8").general).toBe("#hash\nlot 2 was rejected: 3 of 8");
    expect(notesOf("")).toEqual({ general: "", at: new Map() });
    expect(notesOf("#2 car: a\n#2 car: b").at.get(2)).toBe("a; b");
  });
});
