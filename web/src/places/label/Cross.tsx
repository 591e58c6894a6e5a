/** Cross hairs that follow the hand without drawing anything else again. */
import type { Size } from "./marks";

export function Cross({ over, size }: { over: React.Ref<SVGGElement>; size: Size }) {
  const [w, h] = size;
  return (
    <g ref={over} pointerEvents="none">
      <line className="label-cross" x1={-w} x2={w} y1={0} y2={0} vectorEffect="non-scaling-stroke" />
      <line className="label-cross" y1={-h} y2={h} x1={0} x2={0} vectorEffect="non-scaling-stroke" />
    </g>
  );
}
