/** A frame with two looks over its pixels; what the other lacks is drawn full, the rest faint. */
import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Schemas } from "../../api/ask";
import { Failed, Waiting } from "../../parts/States";
import { Shape } from "./Shape";
import { markOf } from "./marks";
import { frameName } from "./names";
import { usePicture } from "./picture";

const COLOURS = ["#4dc3ff", "#ffa94d"] as const;

export function DisputedPicture({ of }: { of: Schemas["DisputedFrame"] }) {
  const { size, failed, again } = usePicture(of.picture);
  const looks = [of.first, of.second];
  const told = Object.entries(of.kinds).map(([kind, number]) => `${number} of ${kind.replaceAll("_", " ")}`).join(", ");
  if (failed) return <Failed error={failed} again={again} />;
  if (!size) return <Waiting what="picture" />;
  const scale = 480 / size[0];
  return (
    <>
      <svg viewBox={`0 0 ${size[0]} ${size[1]}`} style={{ display: "block", width: "100%", background: "#14171a", borderRadius: 4 }} role="img" aria-label={`${of.frame}: ${told}`}>
        <image href={of.picture} width={size[0]} height={size[1]} />
        {looks.map((look, side) =>
          look.marks.map((mark, i) => (
            <Shape
              key={`${side} ${i}`}
              uid=""
              mark={markOf(mark)}
              colour={COLOURS[side] ?? COLOURS[0]}
              dashed={side === 1}
              chosen={false}
              named={look.alone.includes(i)}
              faint={!look.alone.includes(i)}
              scale={scale}
            />
          )),
        )}
      </svg>
      <Group justify="space-between" mt={6} gap="xs">
        <Anchor size="sm" component={Link} to={`/label/frame?id=${encodeURIComponent(of.frame)}`}>
          {frameName(of.frame)}
        </Anchor>
        <Text size="xs" c="dimmed">{told}</Text>
        <Group gap="sm">
          {looks.map((look, side) => (
            <Group key={side} gap={4}>
              <svg width={18} height={8} aria-hidden>
                <line x1={0} x2={18} y1={4} y2={4} stroke={COLOURS[side]} strokeWidth={3} strokeDasharray={side === 1 ? "5 3" : undefined} />
              </svg>
              <Text size="xs">{look.annotator}</Text>
            </Group>
          ))}
        </Group>
      </Group>
    </>
  );
}
