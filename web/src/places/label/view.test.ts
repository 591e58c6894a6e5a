import { describe, expect, it } from "vitest";

import { fitted, framed, onPicture, panned, zoomed } from "./view";

const PICTURE = [640, 480] as const;
const SCREEN = [800, 480] as const;

describe("view", () => {
  it("shows all of the picture in the middle", () => {
    expect(fitted(PICTURE, SCREEN)).toEqual({ scale: 1, x: 80, y: 0 });
  });
  it("keeps what is under the hand when it goes nearer", () => {
    const at = [400, 200] as const;
    const before = fitted(PICTURE, SCREEN);
    const after = zoomed(before, 4, at, PICTURE, SCREEN);
    expect(onPicture(after, at).map(Math.round)).toEqual(onPicture(before, at).map(Math.round));
  });
  it("ends at the borders", () => {
    const near = zoomed(fitted(PICTURE, SCREEN), 2, [400, 240], PICTURE, SCREEN);
    expect(panned(near, 1e6, 1e6, PICTURE, SCREEN)).toMatchObject({ x: 0, y: 0 });
    expect(panned(near, -1e6, -1e6, PICTURE, SCREEN)).toMatchObject({ x: 800 - 1280, y: 480 - 960 });
    expect(zoomed(near, 1e6, [0, 0], PICTURE, SCREEN).scale).toBe(40);
  });
  it("brings a small thing near, with what is around it", () => {
    const view = framed({ x: 300, y: 200, w: 20, h: 20 }, PICTURE, SCREEN);
    expect(view.scale).toBe(6);
    expect(onPicture(view, [400, 240]).map(Math.round)).toEqual([310, 210]);
  });
});
