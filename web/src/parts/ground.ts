/** Places on the ground: degrees to metres around a middle, even steps for grids and scale bars. */
const EARTH_M = 6_371_008.8;

export interface Middle {
  north: number;
  east: number;
}

export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** Metres east and north of a middle; good for a country, fair for a continent. */
export function metresFrom(middle: Middle, north: number, east: number): [number, number] {
  const turn = ((east - middle.east + 540) % 360) - 180;
  const radians = Math.PI / 180;
  return [EARTH_M * turn * radians * Math.cos(middle.north * radians), EARTH_M * (north - middle.north) * radians];
}

export function degreesFrom(middle: Middle, x: number, y: number): [number, number] {
  const radians = Math.PI / 180;
  return [middle.north + y / EARTH_M / radians, middle.east + x / (EARTH_M * Math.cos(middle.north * radians)) / radians];
}

export function middleOf(norths: readonly number[], easts: readonly number[]): Middle {
  const [south, north] = ends(norths);
  const [west, east] = ends(easts);
  return { north: (south + north) / 2, east: (west + east) / 2 };
}

/** 1, 2 or 5 times a power of ten, near a wish. */
export function evenStep(wish: number): number {
  if (!(wish > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wish));
  const share = wish / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

/** Multiples of a step between two numbers. */
export function multiples(from: number, to: number, step: number): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / step); at * step <= to && found.length < 200; at++) found.push(at * step);
  return found;
}

export function extentOf(xs: readonly number[], ys: readonly number[]): Extent {
  const [left, right] = ends(xs);
  const [bottom, top] = ends(ys);
  return { left, right, bottom, top };
}

export function distance(metres: number): string {
  return metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
}

function ends(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
