import { describe, expect, it } from "vitest";

import { bodyOfText, NEW } from "./guidelineText";

describe("the form of a guideline", () => {
  it("reads a map line by line", () => {
    expect(bodyOfText({ ...NEW, map: "van = car\n\n cart=\n" }).map).toEqual({ van: "car", cart: "" });
    expect(bodyOfText(NEW).map).toEqual({});
  });

  it("refuses a line that says nothing", () => {
    expect(() => bodyOfText({ ...NEW, map: "van" })).toThrow("van: say OLD=NEW");
    expect(() => bodyOfText({ ...NEW, map: "=car" })).toThrow("OLD=NEW");
  });
});
