/** Annotations and predictions over a picture: boxes, lines, polygons, points, cuboids. */
import type { Lane, Mark } from "./ask";
import { ahead, between, corners, EDGES, moved, type Pose, projected, SAME, type Vector } from "./geometry";

interface Props {
  lane: Lane;
  lens: Pose | undefined;
  poses: readonly Pose[];
  annotations: readonly Mark[];
  predictions: readonly Mark[];
}

const INK = ["#3ddbe8", "#ffb13b", "#8ce36b", "#ff7eb6", "#b79bff", "#ffe45c", "#ff8a65", "#6ab7ff"];

/** Equal categories have equal colours on every page. */
export function inkOf(category: string): string {
  let sum = 0;
  for (const letter of category.toLowerCase()) sum = (31 * sum + letter.charCodeAt(0)) >>> 0;
  return INK[sum % INK.length]!;
}

export function Marks({ lane, lens, poses, annotations, predictions }: Props) {
  if (!lane.width || annotations.length + predictions.length === 0) return null;
  return (
    <svg
      viewBox={`0 0 ${lane.width} ${lane.height}`}
      style={{ position: "absolute", inset: 0, width: "100%", height: "100%", pointerEvents: "none" }}
      role="img"
      aria-label={`${annotations.length} annotations, ${predictions.length} predictions`}
    >
      {annotations.map((mark, i) => (
        <One key={mark.annotation_id ?? i} mark={mark} lane={lane} lens={lens} poses={poses} />
      ))}
      {predictions.map((mark, i) => (
        <One key={mark.prediction_id ?? i} mark={mark} lane={lane} lens={lens} poses={poses} dashed />
      ))}
    </svg>
  );
}

interface OneProps {
  mark: Mark;
  lane: Lane;
  lens: Pose | undefined;
  poses: readonly Pose[];
  dashed?: boolean;
}

function One({ mark, lane, lens, poses, dashed = false }: OneProps) {
  const ink = inkOf(mark.category);
  const style = { stroke: ink, strokeWidth: 2, fill: "none", vectorEffect: "non-scaling-stroke", strokeDasharray: dashed ? "5 4" : undefined } as const;
  if (mark.shape === "cuboid") return <Cuboid mark={mark} lens={lens} lane={lane} poses={poses} ink={ink} />;
  const told = [mark.category, mark.light_state && mark.light_state !== "unknown" ? mark.light_state : "", mark.score !== undefined ? mark.score.toFixed(2) : ""]
    .filter(Boolean)
    .join(" ");
  return (
    <g>
      <Shape mark={mark} style={style} ink={ink} />
      {mark.w * 1200 > lane.width * 18 && (
        <text
          x={mark.x}
          y={Math.max(mark.y - lane.width * 0.004, lane.width * 0.013)}
          fontSize={lane.width * 0.014}
          fill={ink}
          stroke="#000"
          strokeWidth={lane.width * 0.003}
          paintOrder="stroke"
        >
          {told}
        </text>
      )}
    </g>
  );
}

function Shape({ mark, style, ink }: { mark: Mark; style: object; ink: string }) {
  const points = mark.points ?? [];
  const pairs = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => `${points[2 * (from + at)]},${points[2 * (from + at) + 1]}`).join(" ");
  if (mark.shape === "polyline") return <polyline points={pairs(0, points.length / 2)} {...style} />;
  if (mark.shape === "polygon") {
    const parts = mark.parts?.length ? mark.parts : [points.length / 2];
    let from = 0;
    const path = parts.map((many) => `M${pairs(from, (from += many))}Z`).join(" ");
    return <path d={path} {...style} fill={ink} fillOpacity={0.15} fillRule="evenodd" />;
  }
  if (mark.shape === "point") return <circle cx={points[0]} cy={points[1]} r={4} {...style} />;
  if (mark.shape === "rotated-box") {
    const [x = 0, y = 0, w = 0, h = 0, angle = 0] = points;
    return <rect x={x - w / 2} y={y - h / 2} width={w} height={h} transform={`rotate(${(angle * 180) / Math.PI} ${x} ${y})`} {...style} />;
  }
  return <rect x={mark.x} y={mark.y} width={mark.w} height={mark.h} {...style} />;
}

/** Which coordinates a cuboid is in; KITTI's `camera` is the camera's own, 6 cm beside. */
export function wayTo(poses: readonly Pose[], mark: Mark, channel: string) {
  return mark.space === "camera" ? SAME : between(poses, mark.space || channel, channel);
}

function Cuboid({ mark, lane, lens, poses, ink }: { mark: Mark; lane: Lane; lens: Pose | undefined; poses: readonly Pose[]; ink: string }) {
  const way = lens && wayTo(poses, mark, lane.channel);
  if (!lens || !way || !mark.points) return null;
  const eight = corners(mark.points).map((corner) => moved(way, ...corner));
  if (eight.every((corner) => !inPicture(lens, lane, corner))) return null;
  const lines = EDGES.map(([from, to]) => ahead(eight[from]!, eight[to]!)).map((pair) => pair && [projected(lens, pair[0]), projected(lens, pair[1])]);
  return (
    <g stroke={ink} strokeWidth={1.5}>
      {lines.map((line, at) => {
        const [from, to] = line ?? [];
        return from && to && <line key={at} x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} vectorEffect="non-scaling-stroke" opacity={at < 4 ? 1 : 0.65} />;
      })}
    </g>
  );
}

function inPicture(lens: Pose, lane: Lane, corner: Vector): boolean {
  const pixel = projected(lens, corner);
  return pixel !== null && pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] <= lane.width && pixel[1] <= lane.height;
}
