/** The sweep nearest in time, from above, with cuboids; the vehicle points up. */
import { Box, Text } from "@mantine/core";
import { useSize } from "../../parts/useSize";
import { useEffect, useState } from "react";

import { frameAt, type Lane, type Mark } from "./ask";
import { useSweep } from "./ask";
import { PLATE } from "./Camera";
import { type Clock, nearestAt, useMoment } from "./clock";
import { between, corners, joined, levelled, moved, type Pose, type Rigid, VEHICLE } from "./geometry";
import { inkOf } from "./Marks";
import { type Sweep } from "./points";

interface Props {
  clock: Clock;
  lane: Lane;
  poses: readonly Pose[];
  cuboids: readonly Mark[];
  camera: string;
}

const REACHES = [15, 30, 60, 120];

export function Above({ clock, lane, poses, cuboids, camera }: Props) {
  const place = useMoment(clock, (seconds) => nearestAt(lane.seconds, seconds));
  const sweep = useSweep(frameAt(lane, place));
  const { ref, width } = useSize<HTMLCanvasElement>();
  const [reach, setReach] = useState(60);
  const points = sweep.data?.points;
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context || width < 1) return;
    const dense = window.devicePixelRatio || 1;
    context.canvas.width = context.canvas.height = Math.round(width * dense);
    context.scale(dense, dense);
    paint(context, width, reach, points ?? null, toLevel(poses, lane), cuboidsOf(cuboids, poses, lane, camera));
  }, [points, width, reach, poses, lane, cuboids, camera, ref]);
  const seconds = lane.seconds[place] ?? 0;
  const apart = useMoment(clock, (now) => Math.round(10 * Math.abs(now - (lane.seconds[place] ?? now))) / 10);
  return (
    <Box style={{ position: "relative", aspectRatio: "1", background: "#0d1114", borderRadius: 4, overflow: "hidden" }}>
      {sweep.data?.picture ? (
        <img src={sweep.data.picture} alt={`${lane.channel} at ${seconds.toFixed(2)} s`} style={{ width: "100%", height: "100%", objectFit: "contain" }} />
      ) : (
        <canvas
          ref={ref}
          tabIndex={0}
          role="img"
          aria-label={`${lane.channel} from above at ${seconds.toFixed(2)} s, ${reach} m to each side; plus and minus zoom`}
          data-points={points?.count ?? 0}
          style={{ width: "100%", height: "100%", display: "block" }}
          onWheel={(event) => setReach((now) => next(now, event.deltaY > 0 ? 1 : -1))}
          onKeyDown={(event) => {
            if (event.key === "+" || event.key === "-") setReach((now) => next(now, event.key === "-" ? 1 : -1));
          }}
        />
      )}
      <Text size="xs" style={{ ...PLATE, position: "absolute", left: 6, top: 6 }} className="figure">
        {lane.channel} · {seconds.toFixed(2)} s{points ? ` · ${points.whole} points` : ""}
        {apart > 0.5 ? ` · ${apart} s away` : ""}
      </Text>
      {sweep.error && (
        <Text size="sm" style={{ ...PLATE, position: "absolute", left: 6, bottom: 6 }}>
          This sweep cannot be shown
        </Text>
      )}
    </Box>
  );
}

function next(now: number, by: number): number {
  const at = REACHES.indexOf(now) + by;
  return REACHES[Math.min(Math.max(at, 0), REACHES.length - 1)] ?? now;
}

/** To the vehicle's axes where its pose is known, else the sensor's own, turned upright. */
function toLevel(poses: readonly Pose[], lane: Lane): Rigid {
  const axes = poses.find((pose) => pose.channel === lane.channel)?.axes ?? "";
  return between(poses, lane.channel, VEHICLE) ?? levelled(axes);
}

/** Feet of cuboids, as pairs of x ahead and y left. */
function cuboidsOf(cuboids: readonly Mark[], poses: readonly Pose[], lane: Lane, camera: string) {
  const level = toLevel(poses, lane);
  return cuboids.flatMap((mark) => {
    const own = between(poses, mark.space === "camera" ? camera : mark.space || camera, lane.channel);
    if (!own || !mark.points) return [];
    const eight = corners(mark.points).map((corner) => moved(joined(level, own), ...corner));
    const by = [...eight].sort((one, other) => one[2] - other[2]).slice(0, 4);
    const [cx, cy] = [by.reduce((sum, at) => sum + at[0], 0) / 4, by.reduce((sum, at) => sum + at[1], 0) / 4];
    by.sort((one, other) => Math.atan2(one[1] - cy, one[0] - cx) - Math.atan2(other[1] - cy, other[0] - cx));
    return [{ ink: inkOf(mark.category), feet: by.map(([x, y]): [number, number] => [x, y]) }];
  });
}

function paint(
  context: CanvasRenderingContext2D,
  side: number,
  reach: number,
  points: Sweep | null,
  level: Rigid,
  boxes: { ink: string; feet: [number, number][] }[],
) {
  const scale = side / (2 * reach);
  const at = (x: number, y: number): [number, number] => [side / 2 - y * scale, side / 2 - x * scale];
  context.clearRect(0, 0, side, side);
  context.strokeStyle = "#2b353b";
  context.fillStyle = "#8fa3ad";
  context.font = "11px system-ui";
  const step = reach > 60 ? 40 : reach > 30 ? 20 : reach > 15 ? 10 : 5;
  for (let radius = step; radius <= reach; radius += step) {
    context.beginPath();
    context.arc(side / 2, side / 2, radius * scale, 0, 2 * Math.PI);
    context.stroke();
    context.fillText(`${radius} m`, side / 2 + 3, side / 2 - radius * scale - 3);
  }
  if (points)
    for (let n = 0; n < points.count; n++) {
      const [x, y, z] = moved(level, points.x[n]! / 100, points.y[n]! / 100, points.z[n]! / 100);
      if (Math.abs(x) > reach || Math.abs(y) > reach) continue;
      context.fillStyle = `hsl(${Math.round(210 - 40 * Math.min(4, Math.max(-1, z)))} 85% ${45 + points.strength[n]! / 9}%)`;
      const [px, py] = at(x, y);
      context.fillRect(px, py, 1.4, 1.4);
    }
  context.lineWidth = 1.5;
  for (const { ink, feet } of boxes) {
    context.strokeStyle = ink;
    context.beginPath();
    feet.forEach(([x, y], n) => (n ? context.lineTo(...at(x, y)) : context.moveTo(...at(x, y))));
    context.closePath();
    context.stroke();
  }
  context.fillStyle = "#e8f7f9";
  context.beginPath();
  context.moveTo(side / 2, side / 2 - 8);
  context.lineTo(side / 2 - 5, side / 2 + 6);
  context.lineTo(side / 2 + 5, side / 2 + 6);
  context.fill();
}
