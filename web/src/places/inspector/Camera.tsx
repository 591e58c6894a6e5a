/** One camera at the moment of the clock: its picture, and what is drawn over it. */
import { ActionIcon, Box, Group, Text, Tooltip } from "@mantine/core";
import { useSize } from "../../parts/useSize";
import { useEffect, useRef, useState } from "react";

import { Icon } from "../../parts/Icon";
import { frameAt, type Lane, type Mark, sequenceAt, useMarks, useSweep } from "./ask";
import { type Clock, nearestAt, useMoment } from "./clock";
import { between, moved, type Pose, projected } from "./geometry";
import { Marks } from "./Marks";
import { pictures } from "./pictures";
import { shade } from "./points";

export interface Shown {
  annotations: boolean;
  predictions: boolean;
  points: boolean;
}

interface Props {
  clock: Clock;
  recording: string;
  lane: Lane;
  lidar: Lane | undefined;
  poses: readonly Pose[];
  shown: Shown;
  large: boolean;
  onLarge: () => void;
  onLike: (frame: string) => void;
}

const SETTLED_MS = 350;
/** A sweep farther in time than this from a picture is not drawn on it. */
const APART_S = 0.12;

export function Camera({ clock, recording, lane, lidar, poses, shown, large, onLarge, onLike }: Props) {
  const place = useMoment(clock, (seconds) => nearestAt(lane.seconds, seconds));
  const frame = frameAt(lane, place);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [broken, setBroken] = useState("");
  useEffect(() => draw(canvas.current, lane, place, setBroken), [lane, place]);
  const marked = useMarks("annotations", recording, lane.channel, sequenceAt(lane, place), shown.annotations);
  const found = useMarks("predictions", recording, lane.channel, sequenceAt(lane, place), shown.predictions);
  const lens = poses.find((pose) => pose.channel === lane.channel);
  const seconds = lane.seconds[place] ?? 0;
  return (
    <Box
      style={{ position: "relative", background: "#111", borderRadius: 4, overflow: "hidden", aspectRatio: `${lane.width || 4} / ${lane.height || 3}` }}
    >
      <canvas
        ref={canvas}
        data-frame={frame}
        role="img"
        aria-label={`${lane.channel}, frame ${sequenceAt(lane, place)} at ${seconds.toFixed(3)} s`}
        style={{ width: "100%", height: "100%", display: "block" }}
      />
      {shown.points && lidar && lens && <Cloud clock={clock} lane={lane} lidar={lidar} poses={poses} lens={lens} />}
      <Marks
        lane={lane}
        lens={lens}
        poses={poses}
        annotations={shown.annotations ? (marked.data?.get(frame) ?? NONE) : NONE}
        predictions={shown.predictions ? (found.data?.get(frame) ?? NONE) : NONE}
      />
      <Group gap={4} style={{ position: "absolute", left: 6, top: 6, right: 6 }} justify="space-between" wrap="nowrap">
        <Text size="xs" style={PLATE} className="figure" truncate>
          {lane.channel} · {sequenceAt(lane, place)} · {seconds.toFixed(3)} s
        </Text>
        <Group gap={4} wrap="nowrap">
          <Tooltip label="Frames like this one">
            <ActionIcon size="sm" variant="default" onClick={() => onLike(frame)} aria-label={`frames like ${frame}`}>
              <Icon name="search" size={13} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={large ? "All cameras" : "This camera alone"}>
            <ActionIcon size="sm" variant="default" onClick={onLarge} aria-label={large ? "all cameras" : `${lane.channel} alone`}>
              <Icon name={large ? "less" : "more"} size={13} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {broken && (
        <Text size="sm" style={{ ...PLATE, position: "absolute", left: 6, bottom: 6, right: 6 }}>
          {broken}
        </Text>
      )}
    </Box>
  );
}

const NONE: Mark[] = [];
export const PLATE = { background: "rgba(0, 0, 0, 0.62)", color: "#fff", padding: "1px 6px", borderRadius: 3 } as const;

/** The proxy at once, the frame as recorded once the hand rests; neighbours in the meantime. */
function draw(canvas: HTMLCanvasElement | null, lane: Lane, place: number, broken: (why: string) => void): () => void {
  let gone = false;
  const frame = frameAt(lane, place);
  const paint = (image: HTMLImageElement, form: string) => {
    if (gone || !canvas) return;
    if (canvas.width !== image.naturalWidth || canvas.height !== image.naturalHeight)
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    canvas.dataset.painted = frame;
    canvas.dataset.form = form;
    canvas.dispatchEvent(new CustomEvent("painted", { bubbles: true }));
    broken("");
  };
  const full = pictures.have(frame, "recorded");
  if (full) paint(full, "recorded");
  else
    void pictures
      .get(frame, "proxy")
      .then((image) => paint(image, "proxy"))
      .catch(() => !gone && broken("This frame cannot be shown: see Checks, or the server's log"));
  const later = window.setTimeout(() => {
    const near = [1, -1, 2, 3, -2, 4, 5, 6].map((by) => place + by).filter((at) => at >= 0 && at < lane.seconds.length);
    const fetchNear = () => !gone && pictures.near(near.map((at) => frameAt(lane, at)), "proxy");
    const shown = (canvas?.clientWidth ?? 0) * (window.devicePixelRatio || 1);
    if (gone || (canvas?.dataset.painted === frame && canvas.width >= 0.8 * shown)) return fetchNear();
    void pictures
      .get(frame, "recorded")
      .then((image) => paint(image, "recorded"))
      .catch(() => undefined)
      .finally(fetchNear);
  }, SETTLED_MS);
  return () => {
    gone = true;
    window.clearTimeout(later);
  };
}

/** Points of the sweep nearest in time, where they fall on the picture; colour is distance. */
function Cloud({ clock, lane, lidar, poses, lens }: { clock: Clock; lane: Lane; lidar: Lane; poses: readonly Pose[]; lens: Pose }) {
  const place = useMoment(clock, (seconds) => nearestAt(lidar.seconds, seconds));
  const apart = useMoment(clock, (seconds) => Math.abs((lidar.seconds[place] ?? Infinity) - (lane.seconds[nearestAt(lane.seconds, seconds)] ?? 0)) > APART_S);
  const sweep = useSweep(apart ? "" : frameAt(lidar, place));
  const { ref, width, height } = useSize<HTMLCanvasElement>();
  const points = apart ? null : sweep.data?.points;
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context || width < 1) return;
    [context.canvas.width, context.canvas.height] = [width, height];
    const way = between(poses, lidar.channel, lane.channel);
    if (!points || !way) return;
    const across = width / lane.width;
    const down = height / lane.height;
    for (let at = 0; at < points.count; at++) {
      const here = moved(way, points.x[at]! / 100, points.y[at]! / 100, points.z[at]! / 100);
      const pixel = here[2] > 0.5 ? projected(lens, here) : null;
      if (!pixel || pixel[0] < 0 || pixel[1] < 0 || pixel[0] > lane.width || pixel[1] > lane.height) continue;
      context.fillStyle = shade(here[2] / 60);
      context.fillRect(pixel[0] * across - 1, pixel[1] * down - 1, 2, 2);
    }
  }, [points, width, height, poses, lidar, lane, lens, ref]);
  return <canvas ref={ref} aria-hidden style={{ position: "absolute", inset: 0, width: "100%", height: "100%", pointerEvents: "none" }} />;
}
