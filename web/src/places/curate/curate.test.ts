import { describe, expect, it, vi } from "vitest";

import { inside } from "./lasso";
import { followed, laid, TALLEST } from "./lines";
import { PAGE, Pages, rowOf } from "./pages";

describe("a grid of any length", () => {
  it("is never taller than a browser can make it", () => {
    const lay = laid(1_000_000, 600, 190, 8, 26);
    expect(lay.columns).toBe(3);
    expect(lay.whole).toBeGreaterThan(33_000_000);
    expect(lay.height).toBe(TALLEST);
  });
  it("is followed pixel by pixel, jumped through by the bar, and reaches both ends", () => {
    const lay = laid(1_000_000, 600, 190, 8, 26);
    const shown = 700;
    expect(followed(5_000, 1_000, 1_120, lay, shown)).toBe(5_120);
    const half = followed(0, 0, (lay.height - shown) / 2, lay, shown);
    expect(half).toBeCloseTo((lay.whole - shown) / 2, 0);
    expect(followed(half, 4_000_000, 0, lay, shown)).toBe(0);
    expect(followed(half, 4_000_000, lay.height - shown, lay, shown)).toBe(lay.whole - shown);
  });
  it("is as tall as its lines where these are few", () => {
    const lay = laid(90, 1200, 190, 8, 26);
    expect(lay.height).toBe(lay.whole);
    expect(followed(0, 0, 333, lay, 700)).toBe(333);
  });
});

describe("pages", () => {
  const rows = (offset: number) => Array.from({ length: PAGE }, (_, at) => rowOf(`a/b/c/${offset + at}`));
  it("are fetched once, those near the middle of the view first", async () => {
    const fetch = vi.fn((offset: number) => Promise.resolve(rows(offset)));
    const pages = new Pages(PAGE * 50, rows(0), fetch);
    pages.want(PAGE * 10, PAGE * 15 - 1);
    pages.want(PAGE * 10, PAGE * 15 - 1);
    await vi.waitFor(() => expect(pages.at(PAGE * 14)).toBeDefined());
    expect(fetch).toHaveBeenCalledTimes(5);
    expect(fetch.mock.calls[0]?.[0]).toBe(PAGE * 12);
    expect(pages.at(PAGE * 12 + 7)?.frame_id).toBe(`a/b/c/${PAGE * 12 + 7}`);
    expect(pages.at(PAGE * 20)).toBeUndefined();
  });
  it("are asked for again where the server could not answer", async () => {
    let down = true;
    const pages = new Pages(PAGE * 3, rows(0), (offset) => (down ? Promise.reject(new Error("down")) : Promise.resolve(rows(offset))));
    pages.want(PAGE, PAGE + 1);
    await Promise.resolve();
    down = false;
    await vi.waitFor(() => {
      pages.want(PAGE, PAGE + 1);
      expect(pages.at(PAGE)).toBeDefined();
    });
  });
});

describe("a lasso", () => {
  it("holds what lies inside a line that may bend inwards", () => {
    const line: [number, number][] = [[0, 0], [10, 0], [10, 10], [5, 4], [0, 10]];
    expect([[2, 2], [5, 3], [5, 8], [12, 5], [1, 8]].map((at) => inside(line, at as [number, number]))).toEqual([true, true, false, false, true]);
  });
});
