/** Frames of a list of any length; only lines in view, and those soon to be, are in the page. */
import { Checkbox, Text } from "@mantine/core";
import { type KeyboardEvent, type MouseEvent, memo, useCallback, useEffect, useRef, useState } from "react";

import { picture } from "../../api/ask";
import { useSize } from "../../parts/useSize";
import { usePages } from "./ask";
import classes from "./grid.module.css";
import { followed, laid } from "./lines";
import type { Pages, Row } from "./pages";

const CELL = 190;
const GAP = 8;
const FOOT = 26;
/** Lines beside those in view: more in the direction of the hand. */
const AHEAD = 9;
const BEHIND = 3;

interface Props {
  pages: Pages;
  chosen: ReadonlySet<string>;
  onChoose: (frames: string[], on: boolean) => void;
  onOpen: (row: Row, place: number) => void;
  label: string;
}

export function Grid({ pages, chosen, onChoose, onOpen, label }: Props) {
  usePages(pages);
  const { ref, width, height } = useSize<HTMLDivElement>();
  const lay = laid(pages.count, width, CELL, GAP, FOOT);
  const [view, setView] = useState({ top: 0, physical: 0, way: 1 });
  const focus = useRef(0);
  const anchor = useRef<number | null>(null);
  useEffect(() => {
    if (ref.current) ref.current.scrollTop = 0;
    setView({ top: 0, physical: 0, way: 1 });
    focus.current = 0;
    anchor.current = null;
  }, [pages, ref]);
  const first = Math.max(0, Math.floor(view.top / lay.tall) - (view.way > 0 ? BEHIND : AHEAD));
  const last = Math.min(lay.lines - 1, Math.ceil((view.top + height) / lay.tall) + (view.way > 0 ? AHEAD : BEHIND));
  useEffect(() => {
    const reach = 2 * AHEAD * lay.columns;
    if (width > 0) pages.want(first * lay.columns - (view.way < 0 ? reach : 0), (last + 1) * lay.columns - 1 + (view.way > 0 ? reach : 0));
  }, [pages, first, last, lay.columns, width, view.way]);
  const choose = useCallback(
    (place: number, range: boolean) => {
      const row = pages.at(place);
      if (!row) return;
      const on = !chosen.has(row.frame_id);
      const from = range && anchor.current !== null ? anchor.current : place;
      const frames: string[] = [];
      for (let at = Math.min(from, place); at <= Math.max(from, place); at++) {
        const one = pages.at(at);
        if (one) frames.push(one.frame_id);
      }
      anchor.current = place;
      onChoose(frames, range ? true : on);
    },
    [pages, chosen, onChoose],
  );
  const go = (place: number) => {
    const box = ref.current;
    if (!box) return;
    const at = Math.min(Math.max(place, 0), pages.count - 1);
    focus.current = at;
    const line = Math.floor(at / lay.columns) * lay.tall;
    const by = line < view.top ? line - view.top : line + lay.tall > view.top + height ? line + lay.tall - view.top - height : 0;
    if (by) box.scrollTop += by;
    requestAnimationFrame(() => requestAnimationFrame(() => box.querySelector<HTMLElement>(`[data-place="${at}"]`)?.focus({ preventScroll: true })));
  };
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -lay.columns, ArrowDown: lay.columns }[event.key];
    if (by) go(focus.current + by);
    else if (event.key === "x") choose(focus.current, event.shiftKey);
    else if (event.key === "X") choose(focus.current, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const lines = [];
  for (let line = first; width > 0 && line <= last; line++) {
    const cells = [];
    for (let place = line * lay.columns; place < Math.min((line + 1) * lay.columns, pages.count); place++) {
      const row = pages.at(place);
      cells.push(
        <Cell key={place} place={place} row={row} chosen={row !== undefined && chosen.has(row.frame_id)} focus={focus} onChoose={choose} onOpen={onOpen} />,
      );
    }
    lines.push(
      <div
        key={line}
        className={classes.line}
        style={{ transform: `translateY(${line * lay.tall - view.top + view.physical}px)`, gridTemplateColumns: `repeat(${lay.columns}, 1fr)`, height: lay.tall - GAP, gap: GAP }}
      >
        {cells}
      </div>,
    );
  }
  return (
    <div
      ref={ref}
      className={classes.box}
      role="region"
      aria-label={label}
      data-count={pages.count}
      onKeyDown={key}
      onScroll={(event) => {
        const now = event.currentTarget.scrollTop;
        setView((before) => {
          const top = followed(before.top, before.physical, now, lay, height);
          return { top, physical: now, way: top >= before.top ? 1 : -1 };
        });
      }}
    >
      <div style={{ height: lay.height, position: "relative" }}>{lines}</div>
    </div>
  );
}

interface CellProps {
  place: number;
  row: Row | undefined;
  chosen: boolean;
  focus: { current: number };
  onChoose: (place: number, range: boolean) => void;
  onOpen: (row: Row, place: number) => void;
}

const Cell = memo(function Cell({ place, row, chosen, focus, onChoose, onOpen }: CellProps) {
  const [broken, setBroken] = useState(false);
  if (!row) return <div className={classes.cell} data-place={place} data-empty />;
  const shown = called(row.frame_id);
  const press = (event: MouseEvent) => {
    focus.current = place;
    if (event.shiftKey || event.ctrlKey || event.metaKey) onChoose(place, event.shiftKey);
    else onOpen(row, place);
  };
  const dark = row.brightness == null ? "#2a2f33" : `hsl(200 8% ${Math.round(8 + 50 * row.brightness)}%)`;
  return (
    <div className={classes.cell} data-chosen={chosen || undefined}>
      <button
        type="button"
        className={classes.picture}
        style={{ background: dark }}
        data-place={place}
        data-frame={row.frame_id}
        aria-label={`${shown}, ${row.frame_id}`}
        aria-pressed={chosen}
        onClick={press}
        onFocus={() => (focus.current = place)}
      >
        {broken ? (
          <Text size="xs" c="#fff">
            no picture
          </Text>
        ) : (
          <img src={picture(row.frame_id, "proxy", 320)} alt="" decoding="async" draggable={false} onError={() => setBroken(true)} />
        )}
      </button>
      <div className={classes.foot}>
        <Checkbox size="xs" checked={chosen} onChange={() => undefined} onClick={(event) => onChoose(place, event.shiftKey)} aria-label={`choose ${row.frame_id}`} tabIndex={-1} />
        <Text size="xs" truncate title={row.frame_id} flex={1}>
          {shown}
        </Text>
        <Text size="xs" c="dimmed" className="figure">
          {row.score !== undefined ? row.score.toFixed(3) : (row.condition ?? "")}
        </Text>
      </div>
    </div>
  );
});

/** The end of a recording's name, and the frame's number. */
export function called(frame: string): string {
  const parts = frame.split("/");
  const number = Number(parts[parts.length - 1]);
  return parts.length < 3 || Number.isNaN(number) ? frame : `${parts[parts.length - 3]} ${number}`;
}
