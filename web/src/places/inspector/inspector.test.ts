import { describe, expect, it } from "vitest";

import { within, zoomed } from "./Axis";
import { Clock, nearestAt, stepFrom } from "./clock";
import { ahead, between, corners, inverse, joined, matrixOf, moved, type Pose, projected, SAME } from "./geometry";
import { unpacked } from "./points";

const close = (found: readonly number[], wanted: readonly number[]) => found.forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 9));
const quarter = [Math.SQRT1_2, 0, 0, Math.SQRT1_2];

describe("coordinate systems", () => {
  it("turn about the z axis and back", () => {
    const way = { turn: matrixOf(quarter), shift: [1, 2, 3] as [number, number, number] };
    close(moved(way, 1, 0, 0), [1, 3, 3]);
    const both = joined(inverse(way), way);
    close(both.turn, SAME.turn);
    close(both.shift, SAME.shift);
  });
  const pose = (channel: string, parent: string, translation_m: number[], rotation: number[]): Pose => ({ channel, parent, axes: "", translation_m, rotation });
  const poses = [
    pose("lidar", "vehicle", [0, 0, 2], [1, 0, 0, 0]),
    pose("front", "vehicle", [1, 0, 1.5], [0.5, -0.5, 0.5, -0.5]),
    pose("radar", "front", [0, 0, 1], [1, 0, 0, 0]),
    { channel: "lost", parent: "vehicle", axes: "" },
  ];
  it("are joined through the vehicle", () => {
    close(moved(between(poses, "lidar", "front")!, 11, 0, 0), [0, -0.5, 10]);
    close(moved(between(poses, "radar", "vehicle")!, 0, 0, 0), [2, 0, 1.5]);
    close(between(poses, "front", "front")!.shift, [0, 0, 0]);
  });
  it("are not joined where no pose is known", () => {
    expect(between(poses, "lidar", "lost")).toBeNull();
    expect(between(poses, "lidar", "nobody")).toBeNull();
  });
});

describe("projection", () => {
  const lens: Pose = { channel: "c", parent: "vehicle", axes: "", intrinsics: [100, 100, 320, 240] };
  it("is that of a pinhole, and none behind the camera", () => {
    expect(projected(lens, [1, 2, 10])).toEqual([330, 260]);
    expect(projected(lens, [1, 2, -10])).toBeNull();
    expect(projected({ ...lens, intrinsics: [] }, [1, 2, 10])).toBeNull();
  });
  it("bends as the lens does: plumb_bob and fisheye as OpenCV has them", () => {
    const bob = { ...lens, distortion_model: "plumb_bob", distortion: [-0.3, 0.1, 0.001, -0.002, 0.02] };
    close(projected(bob, [3, -2, 10])!, [348.8080182, 220.7903212]);
    const eye = { ...lens, distortion_model: "fisheye", distortion: [0.05, -0.01, 0.002, -0.0005] };
    const angle = Math.atan(0.5);
    const radius = angle * (1 + 0.05 * angle ** 2 - 0.01 * angle ** 4 + 0.002 * angle ** 6 - 0.0005 * angle ** 8);
    close(projected(eye, [5, 0, 10])!, [320 + 100 * radius, 240]);
  });
  it("cuts edges that reach behind the camera", () => {
    close(ahead([0, 0, 1.1], [0, 2, -0.9])![1], [0, 1, 0.1]);
    expect(ahead([0, 0, -1], [0, 0, -2])).toBeNull();
  });
  it("has the eight corners of a cuboid", () => {
    const found = corners([10, 0, 1, 4, 2, 1, ...quarter]);
    expect(found).toHaveLength(8);
    expect(Math.max(...found.map((at) => at[1]))).toBeCloseTo(2);
    expect(Math.min(...found.map((at) => at[0]))).toBeCloseTo(9);
  });
});

describe("points", () => {
  it("are read as the server packs them", () => {
    const data = new ArrayBuffer(12 + 14);
    const head = new DataView(data);
    head.setUint32(0, 0x52525031);
    head.setUint32(4, 2, true);
    head.setUint32(8, 9, true);
    [100, -200, 300, 400, 5, 6].forEach((value, at) => head.setInt16(12 + 2 * at, value, true));
    head.setUint8(24, 7);
    head.setUint8(25, 255);
    const found = unpacked(data);
    expect([found.count, found.whole]).toEqual([2, 9]);
    expect([...found.x, ...found.y, ...found.z, ...found.strength]).toEqual([100, -200, 300, 400, 5, 6, 7, 255]);
    expect(() => unpacked(data.slice(0, 20))).toThrow("cut short");
    expect(() => unpacked(new ArrayBuffer(30))).toThrow("no points");
  });
});

describe("time", () => {
  it("is held within the recording, and tells who follows once", () => {
    const clock = new Clock(10, 99);
    const told: number[] = [];
    const end = clock.follow(() => told.push(clock.seconds));
    clock.set(-4);
    clock.set(0);
    clock.set(Number.NaN);
    end();
    clock.set(5);
    expect(told).toEqual([0]);
  });
  it("finds the nearest moment and steps from it", () => {
    const moments = [0, 1, 2.5, 4];
    expect([-1, 0.4, 0.6, 1.75, 1.76, 9].map((at) => nearestAt(moments, at))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(nearestAt([], 3)).toBe(-1);
    expect([stepFrom(moments, 1, 1), stepFrom(moments, 4, 1), stepFrom(moments, 0, -10)]).toEqual([2.5, 4, 0]);
  });
  it("keeps what is under the pointer where it is when the axis is zoomed", () => {
    const span = zoomed({ from: 0, to: 100 }, 0.5, 0.25, 100);
    expect(span).toEqual({ from: 12.5, to: 62.5 });
    expect(zoomed(span, 10, 0.5, 100)).toEqual({ from: 0, to: 100 });
    expect(within({ from: 90, to: 120 }, 100)).toEqual({ from: 70, to: 100 });
  });
});
