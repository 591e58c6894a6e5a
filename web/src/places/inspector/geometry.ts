/** Points from one sensor's coordinate system to another's, and onto pictures. */
export type Vector = [number, number, number];

export interface Rigid {
  /** Row by row, (3, 3). */
  turn: number[];
  shift: Vector;
}

export interface Pose {
  channel: string;
  parent: string;
  axes: string;
  translation_m?: readonly number[] | undefined;
  rotation?: readonly number[] | undefined;
  intrinsics?: readonly number[] | undefined;
  distortion_model?: string | undefined;
  distortion?: readonly number[] | undefined;
}

export const VEHICLE = "vehicle";
export const SAME: Rigid = { turn: [1, 0, 0, 0, 1, 0, 0, 0, 1], shift: [0, 0, 0] };

/** Rotation matrix of a unit quaternion w, x, y, z. */
export function matrixOf([w = 1, x = 0, y = 0, z = 0]: readonly number[]): number[] {
  return [
    1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
    2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
    2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
  ];
}

export function moved({ turn, shift }: Rigid, x: number, y: number, z: number): Vector {
  return [
    turn[0]! * x + turn[1]! * y + turn[2]! * z + shift[0],
    turn[3]! * x + turn[4]! * y + turn[5]! * z + shift[1],
    turn[6]! * x + turn[7]! * y + turn[8]! * z + shift[2],
  ];
}

/** First `inner`, then `outer`. */
export function joined(outer: Rigid, inner: Rigid): Rigid {
  const turn: number[] = [];
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let at = 0; at < 3; at++) sum += outer.turn[3 * row + at]! * inner.turn[3 * at + column]!;
      turn.push(sum);
    }
  return { turn, shift: moved(outer, ...inner.shift) };
}

export function inverse({ turn, shift }: Rigid): Rigid {
  const back = [0, 1, 2].flatMap((row) => [turn[row]!, turn[row + 3]!, turn[row + 6]!]);
  const [x, y, z] = moved({ turn: back, shift: [0, 0, 0] }, ...shift);
  return { turn: back, shift: [-x, -y, -z] };
}

/** Where a channel's coordinates lead to, as far up as poses are known. */
function rooted(poses: readonly Pose[], channel: string): { root: string; to: Rigid } {
  let [root, to] = [channel, SAME];
  for (let steps = 0; steps < 16; steps++) {
    const pose = poses.find((one) => one.channel === root);
    if (!pose?.rotation?.length || pose.translation_m?.length !== 3) break;
    const [x = 0, y = 0, z = 0] = pose.translation_m;
    to = joined({ turn: matrixOf(pose.rotation), shift: [x, y, z] }, to);
    root = pose.parent;
  }
  return { root, to };
}

/** From one channel's (or the vehicle's) coordinates to another's; null where nothing joins them. */
export function between(poses: readonly Pose[], from: string, to: string): Rigid | null {
  const here = rooted(poses, from);
  const there = rooted(poses, to);
  return here.root === there.root ? joined(inverse(there.to), here.to) : null;
}

/** Pixels of a point in a camera's own coordinates (x right, y down, z ahead); null behind it. */
export function projected(lens: Pose, [x, y, z]: Vector): [number, number] | null {
  const [fx, fy, cx, cy] = lens.intrinsics ?? [];
  if (fx === undefined || fy === undefined || cx === undefined || cy === undefined || z < 0.1) return null;
  const [u, v] = bent(lens, x / z, y / z);
  return [fx * u + cx, fy * v + cy];
}

/** What a lens makes of a direction; an unknown model is taken as none. */
function bent(lens: Pose, x: number, y: number): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = lens.distortion ?? [];
  const square = x * x + y * y;
  const model = lens.distortion_model ?? "";
  if (model === "plumb_bob" && square < 4) {
    const swell = 1 + a * square + b * square ** 2 + e * square ** 3;
    return [x * swell + 2 * c * x * y + d * (square + 2 * x * x), y * swell + c * (square + 2 * y * y) + 2 * d * x * y];
  }
  if ((model === "fisheye" || model === "equidistant") && square > 1e-12) {
    const radius = Math.sqrt(square);
    const angle = Math.atan(radius);
    const swell = (angle * (1 + a * angle ** 2 + b * angle ** 4 + c * angle ** 6 + d * angle ** 8)) / radius;
    return [x * swell, y * swell];
  }
  return [x, y];
}

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((at): Vector => [at & 1 ? 0.5 : -0.5, at & 2 ? 0.5 : -0.5, at & 4 ? 0.5 : -0.5]);
/** Pairs of corners that an edge joins; the first four are the side that faces ahead. */
export const EDGES: readonly [number, number][] = [
  [1, 3], [3, 7], [7, 5], [5, 1], [0, 2], [2, 6], [6, 4], [4, 0], [0, 1], [2, 3], [6, 7], [4, 5],
];

/** Eight corners of x, y, z of the middle, length, width, height, quaternion w, x, y, z. */
export function corners(points: readonly number[]): Vector[] {
  const [x = 0, y = 0, z = 0, length = 0, width = 0, height = 0, ...rotation] = points;
  const at: Rigid = { turn: matrixOf(rotation), shift: [x, y, z] };
  return CORNERS.map(([a, b, c]) => moved(at, a * length, b * width, c * height));
}

/** The part of a segment that lies in front of a camera. */
export function ahead(from: Vector, to: Vector, nearest = 0.1): [Vector, Vector] | null {
  if (from[2] < nearest && to[2] < nearest) return null;
  const cut = (one: Vector, other: Vector): Vector => {
    if (one[2] >= nearest) return one;
    const share = (nearest - one[2]) / (other[2] - one[2]);
    return [one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]), nearest];
  };
  return [cut(from, to), cut(to, from)];
}

/** Turns a sensor's own axes so that x is ahead and y to the left, by what they are called. */
export function levelled(axes: string): Rigid {
  if (axes.startsWith("x right, y ahead")) return { turn: [0, 1, 0, -1, 0, 0, 0, 0, 1], shift: [0, 0, 0] };
  if (axes.startsWith("x right, y down")) return { turn: [0, 0, 1, -1, 0, 0, 0, -1, 0], shift: [0, 0, 0] };
  return SAME;
}
