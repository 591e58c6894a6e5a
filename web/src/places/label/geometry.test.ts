import { describe, expect, it } from "vitest";

import { bounded, cornersOf, grown, moved, nearestSide, pathOf, pulled, turnedTo, vertexInserted, vertexMoved, vertexRemoved } from "./geometry";
import { plain } from "./marks";

const SIZE = [100, 60] as const;
const box = plain("car", { x: 10, y: 10, w: 30, h: 20 });
const line = bounded(plain("lane", { shape: "polyline", points: [0, 0, 10, 0, 10, 20] }));
const ring = bounded(plain("car", { shape: "polygon", points: [0, 0, 40, 0, 40, 40, 0, 40, 10, 10, 20, 10, 20, 20], parts: [4, 3] }));

describe("moving", () => {
  it("keeps the whole on the picture", () => {
    expect(moved(box, 5, -3, SIZE)).toMatchObject({ x: 15, y: 7, w: 30, h: 20 });
    expect(moved(box, 500, 500, SIZE)).toMatchObject({ x: 70, y: 40 });
    expect(moved(box, -500, -500, SIZE)).toMatchObject({ x: 0, y: 0 });
  });
  it("takes points along", () => {
    expect(moved(line, 5, 5, SIZE).points).toEqual([5, 5, 15, 5, 15, 25]);
    const turned = bounded(plain("car", { shape: "rotated-box", points: [50, 30, 20, 10, 0.3] }));
    expect(moved(turned, 1, 2, SIZE).points).toEqual([51, 32, 20, 10, 0.3]);
  });
  it("does not pull a mark that sticks out any further in than asked", () => {
    expect(moved(plain("car", { x: -5, y: 0, w: 20, h: 20 }), 1, 0, SIZE).x).toBe(-4);
  });
  it("leaves masks alone", () => {
    const mask = plain("car", { shape: "mask", mask: "0", w: 4, h: 4 });
    expect(moved(mask, 3, 3, SIZE)).toBe(mask);
  });
});

describe("resizing", () => {
  it("never makes nothing, and ends at the border", () => {
    expect(grown(box, -100, 0, SIZE)).toMatchObject({ w: 1, h: 20 });
    expect(grown(box, 100, 100, SIZE)).toMatchObject({ w: 90, h: 50 });
  });
  it("pulls the edges of a handle, and turns inside out", () => {
    expect(pulled(box, "se", [50, 40], SIZE)).toMatchObject({ x: 10, y: 10, w: 40, h: 30 });
    expect(pulled(box, "w", [60, 0], SIZE)).toMatchObject({ x: 40, y: 10, w: 20, h: 20 });
    expect(pulled(box, "n", [0, -20], SIZE)).toMatchObject({ y: 0, h: 30, w: 30 });
  });
});

describe("turned boxes", () => {
  it("have the bounding box of their corners", () => {
    const turned = bounded(plain("car", { shape: "rotated-box", points: [50, 30, 20, 10, Math.PI / 2] }));
    expect(turned.x).toBeCloseTo(45);
    expect([turned.y, turned.w, turned.h].map(Math.round)).toEqual([20, 10, 20]);
    expect(cornersOf([0, 0, 2, 2, 0])).toEqual([[-1, -1], [1, -1], [1, 1], [-1, 1]]);
  });
  it("look to the hand", () => {
    const turned = plain("car", { shape: "rotated-box", points: [50, 30, 20, 10, 0] });
    expect(turnedTo(turned, [90, 30]).points[4]).toBeCloseTo(Math.PI / 2);
    expect(turnedTo(turned, [50, 0]).points[4]).toBeCloseTo(0);
  });
});

describe("vertices", () => {
  it("go in on the nearest side", () => {
    const { mark, vertex } = vertexInserted(line, [12, 10]);
    expect([vertex, mark.points]).toEqual([2, [0, 0, 10, 0, 10, 10, 10, 20]]);
    expect(nearestSide(ring, [0, 20]).vertex).toBe(4);
  });
  it("keep the parts of a polygon", () => {
    const { mark, vertex } = vertexInserted(ring, [15, 9]);
    expect([vertex, mark.parts, mark.points.length]).toEqual([5, [4, 4], 16]);
    expect(vertexRemoved(mark, 5).parts).toEqual([4, 3]);
    expect(vertexRemoved(mark, 0).parts).toEqual([3, 4]);
  });
  it("stay where there are too few to take one", () => {
    const short = bounded(plain("lane", { shape: "polyline", points: [0, 0, 9, 9] }));
    expect(vertexRemoved(short, 0)).toBe(short);
    expect(vertexRemoved(ring, 4)).toBe(ring);
    expect(vertexRemoved(line, 1).points).toEqual([0, 0, 10, 20]);
  });
  it("move, and the bounds with them", () => {
    expect(vertexMoved(line, 2, [30, 200], SIZE)).toMatchObject({ points: [0, 0, 10, 0, 30, 60], w: 30, h: 60 });
  });
});

describe("paths", () => {
  it("draw each shape", () => {
    expect(pathOf(box)).toBe("M10,10h30v20h-30Z");
    expect(pathOf(line)).toBe("M0,0L10,0L10,20");
    expect(pathOf(ring).match(/Z/g)).toHaveLength(2);
  });
});
