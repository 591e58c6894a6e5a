/** The picture, its tools and its list, moved by the keyboard. What becomes of it, the page says. */
import { Box, Group, Stack } from "@mantine/core";
import { useCallback, useEffect, useRef, useState, type Dispatch, type ReactNode } from "react";

import { AnnotationList } from "./AnnotationList";
import { Canvas } from "./Canvas";
import { Details } from "./Details";
import { Tools } from "./Tools";
import { chosenIn, itemsIn, type Action, type Editing } from "./editing";
import type { Point } from "./geometry";
import { commandOf, isTaken, type Command } from "./keys";
import { extentOf, wordsOf, type Item, type Size } from "./marks";
import { usePicture } from "./picture";
import { fitted, framed, zoomed, type View } from "./view";
import { Failed, Waiting } from "../../parts/States";

interface Props {
  picture: string;
  label: string;
  editing: Editing;
  dispatch: Dispatch<Action>;
  /** What is no matter of the editor: submit, skip, guideline. */
  onCommand: (command: Command) => void;
  noted?: ReadonlyMap<number, string>;
  under?: readonly Item[];
  above?: ReactNode;
  /** Under the picture. */
  below?: ReactNode;
  aside?: ReactNode;
}

export function Editor({ picture, label, editing, dispatch, onCommand, noted, under, above, below, aside }: Props) {
  const { size, failed, again } = usePicture(picture);
  const [screen, setScreen] = useState<Size>([0, 0]);
  const [view, setView] = useState<View | null>(null);
  const [crosshair, setCrosshair] = useState(false);
  const hand = useRef<Point | null>(null);
  const canvas = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (size) dispatch({ type: "size", size });
  }, [size, dispatch]);
  const [wide, high] = size ?? [0, 0];
  const fits = useRef("");
  useEffect(() => {
    const now = `${wide} ${high} ${screen.join(" ")}`;
    if (wide === 0 || screen[0] === 0 || fits.current === now) return;
    fits.current = now;
    setView(fitted([wide, high], screen));
  }, [wide, high, screen]);
  useEffect(() => canvas.current?.focus({ preventScroll: true }), [picture, size]);
  const onScreen = useCallback((now: Size) => setScreen((was) => (was[0] === now[0] && was[1] === now[1] ? was : now)), []);
  const run = useCallback(
    (command: Command) => {
      const middle: Point = [screen[0] / 2, screen[1] / 2];
      if (command.type === "zoom") return setView((was) => was && size && zoomed(was, command.by, middle, size, screen));
      if (command.type === "fit") return size && setView(fitted(size, screen));
      if (command.type === "crosshair") return setCrosshair((was) => !was);
      if (command.type === "frame") {
        const chosen = chosenIn(editing);
        return chosen && size && setView(framed(chosen.mark, size, screen));
      }
      if (command.type === "insertHere") {
        const at = hand.current ?? (view ? [(middle[0] - view.x) / view.scale, (middle[1] - view.y) / view.scale] : null);
        return at && dispatch({ type: "insert", at: at as Point });
      }
      if (command.type === "submit" || command.type === "skip" || command.type === "guideline") return onCommand(command);
      if (command.type === "escape") onCommand(command);
      return dispatch(command);
    },
    [editing, screen, size, view, dispatch, onCommand],
  );
  useKeys(editing, canvas, run);
  return (
    <Stack gap="xs" style={below ? { ["--label-above" as string]: "322px" } : undefined}>
      <Tools editing={editing} run={run} crosshair={crosshair} />
      <Group align="flex-start" gap="sm" wrap="wrap">
        <Box style={{ flex: "1 1 520px", minWidth: 0 }}>
          {failed ? (
            <Failed error={failed} again={again} />
          ) : (
            <Canvas
              picture={picture}
              editing={editing}
              dispatch={dispatch}
              view={view}
              onView={setView}
              onScreen={onScreen}
              crosshair={crosshair}
              hand={hand}
              label={`${label}. Tab goes through annotations, ? lists the keys.`}
              focus={canvas}
              under={under ?? NONE}
            />
          )}
          {!size && !failed && <Waiting what="picture" />}
          {below}
        </Box>
        <Stack gap="sm" style={{ flex: "0 1 280px", minWidth: 250 }}>
          {above}
          <AnnotationList editing={editing} dispatch={dispatch} {...(noted ? { noted } : {})} />
          {!editing.readOnly && <Details editing={editing} dispatch={dispatch} />}
          {aside}
        </Stack>
      </Group>
      <Spoken editing={editing} />
    </Stack>
  );
}

const NONE: readonly Item[] = [];

/** Tells a screen reader what was chosen, and what became of it. */
function Spoken({ editing }: { editing: Editing }) {
  const item = chosenIn(editing);
  const items = itemsIn(editing);
  const told = item
    ? `${items.indexOf(item) + 1} of ${items.length}: ${wordsOf(item.mark)}, ${extentOf(item.mark)}${item.seen ? "" : ", pre-label"}`
    : "";
  return (
    <div role="status" aria-live="polite" className="label-quiet">
      {told}
    </div>
  );
}

/** Keys work wherever nobody writes; Tab stays in the picture until its last annotation. */
function useKeys(editing: Editing, canvas: React.RefObject<HTMLDivElement | null>, run: (command: Command) => void): void {
  const held = useRef({ editing, run });
  held.current = { editing, run };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || isTaken(target, event.key) || target.closest('[role="dialog"]')) return;
      const now = held.current.editing;
      const command = commandOf(event, now.drawing.length > 0);
      if (!command) return;
      if (command.type === "go") {
        if (target !== canvas.current && target !== document.body) return;
        held.current.run(command);
        const items = itemsIn(now);
        const leaves = command.by > 0 ? items[items.length - 1] : items[0];
        if (items.length === 0 || leaves?.uid === now.chosen) return;
      } else held.current.run(command);
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [canvas]);
}
