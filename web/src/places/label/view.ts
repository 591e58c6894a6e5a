/** What of a picture is in view: a scale, and where its upper left corner stands on the screen. */
import type { Point } from "./geometry";
import { clamp } from "./geometry";
import type { Size } from "./marks";

export interface View {
  scale: number;
  x: number;
  y: number;
}

const MOST_SCALE = 40;

/** All of the picture, in the middle. */
export function fitted(picture: Size, screen: Size): View {
  const scale = Math.min(screen[0] / picture[0], screen[1] / picture[1]) || 1;
  return { scale, x: (screen[0] - picture[0] * scale) / 2, y: (screen[1] - picture[1] * scale) / 2 };
}

/** Nearer or farther; what is under the hand stays there. */
export function zoomed(view: View, factor: number, at: Point, picture: Size, screen: Size): View {
  const least = fitted(picture, screen).scale;
  const scale = clamp(view.scale * factor, Math.min(least, 1) * 0.5, MOST_SCALE);
  const share = scale / view.scale;
  return kept({ scale, x: at[0] - (at[0] - view.x) * share, y: at[1] - (at[1] - view.y) * share }, picture, screen);
}

export function panned(view: View, dx: number, dy: number, picture: Size, screen: Size): View {
  return kept({ ...view, x: view.x + dx, y: view.y + dy }, picture, screen);
}

/** A box in the middle of the screen, with some of what is around it. */
export function framed(box: { x: number; y: number; w: number; h: number }, picture: Size, screen: Size): View {
  const side = Math.max(box.w, box.h, 8) * 4;
  const scale = clamp(Math.min(screen[0], screen[1]) / side, fitted(picture, screen).scale, MOST_SCALE);
  const [x, y] = [box.x + box.w / 2, box.y + box.h / 2];
  return kept({ scale, x: screen[0] / 2 - x * scale, y: screen[1] / 2 - y * scale }, picture, screen);
}

/** Some of the picture stays in view. */
function kept(view: View, picture: Size, screen: Size): View {
  const side = (at: number, length: number, room: number) =>
    length <= room ? clamp(at, 0, room - length) : clamp(at, room - length, 0);
  return {
    scale: view.scale,
    x: side(view.x, picture[0] * view.scale, screen[0]),
    y: side(view.y, picture[1] * view.scale, screen[1]),
  };
}

export function onPicture(view: View, at: Point): Point {
  return [(at[0] - view.x) / view.scale, (at[1] - view.y) / view.scale];
}
