/** The picture with its annotations: looked at near and far, drawn on, pulled. Plain SVG. */
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState, type Dispatch, type ReactNode } from "react";

import { Cross } from "./Cross";
import { Handles, type Grip } from "./Handles";
import { Shape } from "./Shape";
import { colourOf } from "./colours";
import { chosenIn, itemsIn, type Action, type Editing } from "./editing";
import { between, bounded, moved, pulled, turnedTo, vertexMoved, type Point } from "./geometry";
import { plain, type Item, type Mark, type Size } from "./marks";
import { onPicture, panned, zoomed, type View } from "./view";

const MOST_NAMES = 40;

interface Props {
  picture: string;
  editing: Editing;
  dispatch: Dispatch<Action>;
  view: View | null;
  onView: (view: View) => void;
  onScreen: (size: Size) => void;
  crosshair: boolean;
  /** Where the hand is, on the picture. */
  hand: { current: Point | null };
  label: string;
  focus: React.Ref<HTMLDivElement>;
  /** Annotations that are only looked at, below the others. */
  under?: readonly Item[];
  onFailed?: (() => void) | undefined;
  children?: ReactNode;
}

interface Drag {
  grip: Grip | { of: "pan" } | { of: "box" };
  start: Point;
  mark: Mark | null;
  movement: string;
}

let movements = 0;

export function Canvas({ picture, editing, dispatch, view, onView, onScreen, crosshair, hand, label, focus, under = [], onFailed, children }: Props) {
  const { ref, width, height } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const merged = useMergedRef(ref, place, focus);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [box, setBox] = useState<Mark | null>(null);
  const [space, setSpace] = useState(false);
  const cross = useRef<SVGGElement>(null);
  useEffect(() => onScreen([width, height]), [width, height, onScreen]);
  useSpace(setSpace);
  useWheel(place, view, editing.size, onView);
  const at = useCallback(
    (event: { clientX: number; clientY: number }): Point => {
      const rect = place.current?.getBoundingClientRect();
      return view && rect ? onPicture(view, [event.clientX - rect.left, event.clientY - rect.top]) : [0, 0];
    },
    [view],
  );
  const begin = (grip: Drag["grip"], event: React.PointerEvent, mark: Mark | null) => {
    event.stopPropagation();
    place.current?.setPointerCapture(event.pointerId);
    place.current?.focus({ preventScroll: true });
    movements += 1;
    setDrag({ grip, start: grip.of === "pan" ? [event.clientX, event.clientY] : at(event), mark, movement: `drag ${movements}` });
  };
  const chosen = chosenIn(editing);
  const down = (event: React.PointerEvent) => {
    if (event.button === 1 || space) return begin({ of: "pan" }, event, null);
    if (event.button !== 0) return;
    const here = at(event);
    if (!editing.readOnly && editing.tool !== "select") {
      if (editing.tool === "box" || editing.tool === "rotated-box") return begin({ of: "box" }, event, null);
      place.current?.focus({ preventScroll: true });
      if (editing.tool === "point") return dispatch({ type: "add", mark: bounded(plain(editing.category, { shape: "point", points: [...here] })) });
      return dispatch({ type: "corner", at: here });
    }
    const uid = (event.target as Element).getAttribute("data-uid");
    dispatch({ type: "choose", uid });
    const item = itemsIn(editing).find((one) => one.uid === uid);
    begin(item && !editing.readOnly ? { of: "shape" } : { of: "pan" }, event, item?.mark ?? null);
  };
  const move = (event: React.PointerEvent) => {
    const here = at(event);
    hand.current = here;
    cross.current?.setAttribute("transform", `translate(${here[0]},${here[1]})`);
    if (!drag || !view) return;
    if (drag.grip.of === "pan") {
      onView(panned(view, event.clientX - drag.start[0], event.clientY - drag.start[1], editing.size, [width, height]));
      setDrag({ ...drag, start: [event.clientX, event.clientY] });
    } else if (drag.grip.of === "box") setBox(boxOf(editing, drag.start, here));
    else if (drag.mark && chosen) {
      const mark = draggedTo(drag.grip, drag.mark, drag.start, here, editing.size);
      if (mark !== drag.mark) dispatch({ type: "change", uid: chosen.uid, mark, movement: drag.movement });
    }
  };
  const up = () => {
    if (box && drag?.grip.of === "box") dispatch({ type: "add", mark: box });
    setBox(null);
    setDrag(null);
  };
  const scale = view?.scale ?? 1;
  const items = editing.hidden ? [] : itemsIn(editing);
  const names = items.length <= MOST_NAMES;
  const pans = space || drag?.grip.of === "pan";
  return (
    <div
      ref={merged}
      className="label-canvas"
      role="application"
      aria-label={label}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onDoubleClick={(event) => doubled(editing, dispatch, at(event))}
      style={{ cursor: pans ? "grabbing" : editing.tool === "select" ? "default" : "crosshair" }}
    >
      <svg aria-hidden data-shapes={items.length}>
        {view && (
          <g transform={`translate(${view.x},${view.y}) scale(${scale})`}>
            <image
              href={picture}
              width={editing.size[0]}
              height={editing.size[1]}
              style={{ imageRendering: scale > 4 ? "pixelated" : "auto" }}
              onError={onFailed}
            />
            {under.map((item) => (
              <Shape key={item.uid} uid="" mark={item.mark} colour={colourOf(editing.taxonomy, item.mark.category)} dashed={!item.mark.key} chosen={false} named={false} faint scale={scale} />
            ))}
            {items.map((item) => (
              <Shape
                key={item.uid}
                uid={item.uid}
                mark={item.mark}
                colour={colourOf(editing.taxonomy, item.mark.category)}
                dashed={!item.seen || !item.mark.key}
                chosen={item.uid === editing.chosen}
                named={names || item.uid === editing.chosen}
                scale={scale}
              />
            ))}
            {children}
            {box && <Shape uid="" mark={box} colour={colourOf(editing.taxonomy, box.category)} dashed={false} chosen named={false} scale={scale} />}
            <Drawing editing={editing} scale={scale} />
            {chosen && !editing.hidden && !editing.readOnly && editing.tool === "select" && (
              <Handles
                mark={chosen.mark}
                scale={scale}
                vertex={editing.vertex}
                onGrip={(grip, event) => {
                  if (grip.of === "vertex") dispatch({ type: "choose", uid: chosen.uid, vertex: grip.vertex });
                  begin(grip, event, chosen.mark);
                }}
              />
            )}
            {crosshair && <Cross over={cross} size={editing.size} />}
          </g>
        )}
      </svg>
    </div>
  );
}

/** What is drawn corner by corner. */
function Drawing({ editing, scale }: { editing: Editing; scale: number }) {
  if (editing.drawing.length === 0) return null;
  const colour = colourOf(editing.taxonomy, editing.category);
  const line = editing.drawing.map(([x, y]) => `${x},${y}`).join("L");
  return (
    <g pointerEvents="none">
      <path d={`M${line}${editing.tool === "polygon" ? "Z" : ""}`} className="label-shape is-line" stroke={colour} strokeWidth={2.5} />
      {editing.drawing.map(([x, y], i) => (
        <circle key={i} cx={x} cy={y} r={4 / scale} fill="#fff" stroke="#111" vectorEffect="non-scaling-stroke" />
      ))}
    </g>
  );
}

function boxOf(editing: Editing, from: Point, to: Point): Mark {
  const inside = ([x, y]: Point): Point => [Math.min(Math.max(x, 0), editing.size[0]), Math.min(Math.max(y, 0), editing.size[1])];
  const box = between(inside(from), inside(to));
  if (editing.tool !== "rotated-box") return plain(editing.category, box);
  return bounded(plain(editing.category, { shape: "rotated-box", points: [box.x + box.w / 2, box.y + box.h / 2, box.w, box.h, 0] }));
}

function draggedTo(grip: Exclude<Drag["grip"], { of: "pan" } | { of: "box" }>, mark: Mark, from: Point, to: Point, size: Size): Mark {
  if (grip.of === "edge") return pulled(mark, grip.handle, to, size);
  if (grip.of === "vertex") return vertexMoved(mark, grip.vertex, to, size);
  if (grip.of === "turn") return turnedTo(mark, to);
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  return dx === 0 && dy === 0 ? mark : moved(mark, dx, dy, size);
}

/** A double click ends a line, or puts a vertex into the chosen one. */
function doubled(editing: Editing, dispatch: Dispatch<Action>, at: Point): void {
  if (editing.drawing.length > 0) {
    dispatch({ type: "cornerBack" });
    dispatch({ type: "finish" });
    return;
  }
  const shape = chosenIn(editing)?.mark.shape;
  if (editing.tool === "select" && (shape === "polyline" || shape === "polygon")) dispatch({ type: "insert", at });
}

/** Space held: the picture is moved, and nothing is drawn. */
function useSpace(held: (space: boolean) => void): void {
  useEffect(() => {
    const told = (event: KeyboardEvent) => {
      if (event.key !== " ") return;
      const tag = (event.target as HTMLElement).tagName;
      if (["INPUT", "TEXTAREA", "BUTTON", "SELECT"].includes(tag)) return;
      event.preventDefault();
      held(event.type === "keydown");
    };
    window.addEventListener("keydown", told);
    window.addEventListener("keyup", told);
    return () => {
      window.removeEventListener("keydown", told);
      window.removeEventListener("keyup", told);
    };
  }, [held]);
}

/** The wheel goes nearer at the hand. React's own listener could not keep the page from scrolling. */
function useWheel(place: React.RefObject<HTMLDivElement | null>, view: View | null, size: Size, onView: (view: View) => void): void {
  useEffect(() => {
    const element = place.current;
    if (!element || !view) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016));
      onView(zoomed(view, factor, [event.clientX - rect.left, event.clientY - rect.top], size, [rect.width, rect.height]));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [place, view, size, onView]);
}
