/** One look over the picture, to be held against another: both are moved and chosen together. */
import { Box, Text } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { Canvas } from "./Canvas";
import { opened, type Action, type Editing } from "./editing";
import type { Point } from "./geometry";
import { type Category, type Item, type Mark, type Size } from "./marks";
import { fitted, type View } from "./view";

interface Props {
  name: string;
  picture: string;
  size: Size;
  /** By thing; null where this look has none. */
  marks: readonly (Mark | null)[];
  taxonomy: readonly Category[];
  at: number;
  onChoose: (at: number) => void;
  view: View | null;
  onView: (view: View) => void;
  /** It says what all of them show at first. */
  leads: boolean;
}

export function LookPicture({ name, picture, size, marks, taxonomy, at, onChoose, view, onView, leads }: Props) {
  const [screen, setScreen] = useState<Size>([0, 0]);
  const hand = useRef<Point | null>(null);
  const focus = useRef<HTMLDivElement>(null);
  const key = marks.map((mark) => (mark ? `${mark.x} ${mark.y}` : "")).join();
  const items = useMemo<Item[]>(
    () => marks.flatMap((mark, i) => (mark ? [{ uid: `thing-${i}`, mark, origin: "given" as const, seen: true }] : [])),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key],
  );
  const editing: Editing = { ...opened(items, taxonomy, true), size, chosen: `thing-${at}` };
  const dispatch = useCallback(
    (action: Action) => {
      if (action.type === "choose" && action.uid?.startsWith("thing-")) onChoose(Number(action.uid.slice(6)));
    },
    [onChoose],
  );
  useEffect(() => {
    if (leads && screen[0] > 0) onView(fitted(size, screen));
  }, [leads, size, screen, onView]);
  const told = useCallback((now: Size) => setScreen((was) => (now[0] === was[0] && now[1] === was[1] ? was : now)), []);
  return (
    <Box>
      <Text size="sm" fw={600} mb={2}>
        {name}
      </Text>
      <Canvas picture={picture} editing={editing} dispatch={dispatch} view={view} onView={onView} onScreen={told} crosshair={false} hand={hand} label={`${name}, ${items.length} annotations`} focus={focus} />
    </Box>
  );
}
