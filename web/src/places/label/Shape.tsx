/** One annotation over the picture; drawn again only where it changed. */
import { memo } from "react";

import { LIGHTS } from "./colours";
import { pathOf } from "./geometry";
import { wordsOf, type Mark } from "./marks";

interface Props {
  uid: string;
  mark: Mark;
  colour: string;
  /** A pre-label that nobody looked at, or an interpolated box. */
  dashed: boolean;
  chosen: boolean;
  named: boolean;
  faint?: boolean;
  scale: number;
}

export const Shape = memo(function Shape({ uid, mark, colour, dashed, chosen, named, faint = false, scale }: Props) {
  const line = mark.shape === "polyline";
  const width = chosen ? 3 : 2;
  const path = pathOf(mark);
  const shape = line ? "label-shape is-line" : "label-shape";
  if (mark.shape === "point") return <Dot uid={uid} mark={mark} colour={colour} chosen={chosen} scale={scale} />;
  return (
    <g opacity={faint ? 0.45 : 1}>
      <path d={path} className="label-under" strokeWidth={width + 2} />
      <path
        d={path}
        data-uid={uid}
        className={shape}
        fillRule="evenodd"
        stroke={colour}
        strokeWidth={width}
        strokeDasharray={dashed ? "6 4" : undefined}
        style={chosen && !line ? { fill: `${colour}22` } : undefined}
      />
      {line && <path d={path} data-uid={uid} className="label-shape is-line" stroke="transparent" strokeWidth={12} />}
      {named && <Name mark={mark} colour={colour} scale={scale} />}
    </g>
  );
});

function Dot({ uid, mark, colour, chosen, scale }: { uid: string; mark: Mark; colour: string; chosen: boolean; scale: number }) {
  return (
    <circle
      data-uid={uid}
      cx={mark.x}
      cy={mark.y}
      r={(chosen ? 7 : 5) / scale}
      fill={colour}
      stroke="#111"
      strokeWidth={1.5}
      vectorEffect="non-scaling-stroke"
    />
  );
}

/** The name above the shape, at one size however near the picture is. */
function Name({ mark, colour, scale }: { mark: Mark; colour: string; scale: number }) {
  const text = wordsOf(mark);
  const wide = 7 * text.length + 10;
  const above = mark.y * scale > 18;
  return (
    <g transform={`translate(${mark.x},${above ? mark.y : mark.y + mark.h}) scale(${1 / scale}) translate(0,${above ? -18 : 2})`} pointerEvents="none">
      <rect width={wide} height={16} rx={2} fill="#111" fillOpacity={0.82} />
      <text x={5} y={12} className="label-text" fill={LIGHTS[mark.light_state] ?? colour}>
        {text}
      </text>
    </g>
  );
}
