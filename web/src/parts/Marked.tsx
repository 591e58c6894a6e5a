/** A frame's picture with annotations drawn over it, in pixels of the frame as recorded. */
import { Box, Group, Text } from "@mantine/core";
import type { SVGProps } from "react";

import { picture } from "../api/ask";
import { type Shaped, pathOf } from "./shapes";

export interface Mark {
  x: number;
  y: number;
  w: number;
  h: number;
  category: string;
  /** Where the box does not say it all. */
  drawn?: Shaped;
  /** What it is on this page: decides colour and stroke. */
  as: Look;
  /** Told beside the box where there is room. */
  text?: string;
}

export type Look = keyof typeof LOOKS;

/** Colours hold on dark and bright pictures because each line has a dark one under it. */
const LOOKS = {
  plain: { colour: "#3bc9db", dash: "", says: "annotation" },
  kept: { colour: "#dee2e6", dash: "", says: "unchanged" },
  before: { colour: "#ff922b", dash: "7 5", says: "before" },
  after: { colour: "#3bc9db", dash: "", says: "after" },
  found: { colour: "#69db7c", dash: "", says: "truth, found" },
  missed: { colour: "#ff6b6b", dash: "", says: "truth, missed" },
  right: { colour: "#d0ebff", dash: "5 4", says: "detection, right" },
  false: { colour: "#ffd43b", dash: "5 4", says: "detection, false" },
  truth: { colour: "#69db7c", dash: "", says: "truth" },
  champion: { colour: "#ff922b", dash: "5 4", says: "champion" },
  candidate: { colour: "#3bc9db", dash: "5 4", says: "candidate" },
  differs: { colour: "#f06595", dash: "", says: "differs" },
} as const;

interface Props {
  frame: string;
  width: number;
  height: number;
  marks: readonly Mark[];
  /** Pixels of the picture that is asked for; without, its proxy. */
  sharp?: number;
  words?: boolean;
}

export function Marked({ frame, width, height, marks, sharp, words = false }: Props) {
  const w = width || 16;
  const h = height || 9;
  const line = w / 320;
  return (
    <Box pos="relative" style={{ aspectRatio: `${w} / ${h}`, background: "#000", borderRadius: 4, overflow: "hidden" }}>
      <img
        src={sharp ? picture(frame, "recorded", sharp) : picture(frame, "proxy", 320)}
        alt={`${frame}: ${told(marks)}`}
        loading="lazy"
        style={{ position: "absolute", inset: 0, width: "100%", height: "100%", objectFit: "fill" }}
      />
      <svg viewBox={`0 0 ${w} ${h}`} aria-hidden style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}>
        {marks.map((mark, i) => (
          <g key={i}>
            <Outline of={mark} stroke="#000" strokeOpacity={0.55} strokeWidth={line * 2.6} />
            <Outline
              of={mark}
              stroke={LOOKS[mark.as].colour}
              strokeWidth={line * 1.3}
              strokeDasharray={LOOKS[mark.as].dash
                .split(" ")
                .filter(Boolean)
                .map((part) => Number(part) * line)
                .join(" ")}
            />
            {words && mark.w > w / 24 && (
              <text x={mark.x + line} y={Math.max(mark.y - 2 * line, 8 * line)} fontSize={7 * line} fill={LOOKS[mark.as].colour} stroke="#000" strokeWidth={2 * line} paintOrder="stroke">
                {mark.text ?? mark.category}
              </text>
            )}
          </g>
        ))}
      </svg>
    </Box>
  );
}

/** A box, or the shape that it bounds; a point is a ring about it. */
function Outline({ of, ...stroke }: { of: Mark } & SVGProps<SVGPathElement>) {
  const { drawn } = of;
  const ring = 4 * Number(stroke.strokeWidth ?? 1);
  if (drawn?.shape === "point") return <circle cx={of.x} cy={of.y} r={ring} fill="none" stroke={stroke.stroke} strokeWidth={stroke.strokeWidth} strokeOpacity={stroke.strokeOpacity} />;
  return <path d={pathOf(drawn ?? { ...of, shape: "box", points: [], parts: [], space: "" })} fill="none" strokeLinejoin="round" {...stroke} />;
}

/** What is on a picture, for who does not see it. */
function told(marks: readonly Mark[]): string {
  const counts = new Map<string, number>();
  for (const mark of marks) {
    const what = `${mark.category} ${LOOKS[mark.as].says}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, many]) => `${many} ${what}`).join(", ") || "nothing drawn";
}

/** What the lines of a picture mean. */
export function Legend({ of }: { of: readonly Look[] }) {
  return (
    <Group gap="md" role="note" aria-label="what the lines mean">
      {of.map((look) => (
        <Group key={look} gap={6} wrap="nowrap">
          <svg width="26" height="14" aria-hidden>
            <rect x="1" y="1" width="24" height="12" rx="2" fill="#343a40" />
            <rect x="5" y="4" width="16" height="6" fill="none" stroke={LOOKS[look].colour} strokeWidth="2" strokeDasharray={LOOKS[look].dash ? "4 2" : ""} />
          </svg>
          <Text size="xs">{LOOKS[look].says}</Text>
        </Group>
      ))}
    </Group>
  );
}
