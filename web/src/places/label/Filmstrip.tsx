/** Neighbouring frames in a row: where the track is, and where somebody drew it. */
import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import { picture } from "../../api/ask";
import type { Mark } from "./marks";
import type { Frames } from "./tracking";

interface Props {
  frames: Frames;
  at: string;
  keys: Readonly<Record<string, Mark>>;
  filled: Readonly<Record<string, Mark>>;
  onSeek: (frame: string) => void;
}

export function Filmstrip({ frames, at, keys, filled, onSeek }: Props) {
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    strip.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [at]);
  return (
    <div ref={strip} className="label-strip" role="group" aria-label="neighbouring frames">
      {frames.map((frame) => {
        const mark = keys[frame.frame] ?? filled[frame.frame];
        const told = keys[frame.frame] ? "key frame" : mark ? "interpolated" : "not here";
        return (
          <button key={frame.frame} type="button" aria-current={frame.frame === at ? "true" : undefined} aria-label={`frame ${frame.sequence}, ${told}`} onClick={() => onSeek(frame.frame)}>
            <span style={{ position: "relative", display: "block" }}>
              <img src={picture(frame.frame, "proxy", 160)} alt="" loading="lazy" />
              {mark && mark.space === "" && (
                <svg viewBox={`0 0 ${frame.width} ${frame.height}`} preserveAspectRatio="xMidYMid slice" aria-hidden style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}>
                  <rect x={mark.x} y={mark.y} width={mark.w} height={mark.h} fill="none" stroke="#4dc3ff" strokeWidth={2} strokeDasharray={keys[frame.frame] ? undefined : "4 3"} vectorEffect="non-scaling-stroke" />
                </svg>
              )}
            </span>
            <Text size="xs" className="figure" component="span" display="block" px={4}>
              {frame.sequence} {keys[frame.frame] ? "◆" : mark ? "◇" : ""}
            </Text>
          </button>
        );
      })}
    </div>
  );
}
