/** Where the vehicle was, and where it is at the moment of the clock. */
import { useMemo } from "react";

import { extentOf, metresFrom, middleOf } from "../../parts/ground";
import { Plane, type View } from "../../parts/Plane";
import type { Schemas } from "../../api/ask";
import { type Clock, nearestAt, useMoment } from "./clock";

export function Way({ trace, clock, height }: { trace: Schemas["Trace"]; clock: Clock; height: number }) {
  const { places, extent, middle } = useMemo(() => {
    const on = trace.origin === "GNSS" ? middleOf(trace.north, trace.east) : undefined;
    const found = trace.north.map((north, at): [number, number] => (on ? metresFrom(on, north, trace.east[at] ?? 0) : [trace.east[at] ?? 0, north]));
    return { places: found, middle: on, extent: extentOf(found.map(([x]) => x), found.map(([, y]) => y)) };
  }, [trace]);
  return (
    <Plane extent={extent} height={height} middle={middle} label={`where the vehicle was, by ${trace.origin}`}>
      {(view) => (
        <>
          <polyline points={places.map(([x, y]) => view.at(x, y).join(",")).join(" ")} fill="none" stroke="var(--mantine-color-road-5)" strokeWidth={3} strokeLinejoin="round" />
          <Here trace={trace} clock={clock} places={places} view={view} />
        </>
      )}
    </Plane>
  );
}

function Here({ trace, clock, places, view }: { trace: Schemas["Trace"]; clock: Clock; places: [number, number][]; view: View }) {
  const at = useMoment(clock, (seconds) => nearestAt(trace.seconds as number[], seconds));
  const [x, y] = view.at(...(places[at] ?? [0, 0]));
  const speed = trace.speed[at];
  return (
    <g>
      <circle cx={x} cy={y} r={6} fill="var(--mantine-color-red-6)" stroke="#fff" strokeWidth={2} />
      {speed != null && (
        <text x={x + 10} y={y - 6} fontSize={11} fill="currentColor" stroke="var(--mantine-color-body)" strokeWidth={3} paintOrder="stroke">
          {(speed * 3.6).toFixed(0)} km/h
        </text>
      )}
    </g>
  );
}
