/** The annotations beside the picture: what a screen reader reads, and a mouse may choose from. */
import { Badge, Text } from "@mantine/core";
import { memo, useEffect, useRef, type Dispatch } from "react";

import { colourOf } from "./colours";
import { itemsIn, type Action, type Editing } from "./editing";
import { extentOf, wordsOf, type Item } from "./marks";

interface Props {
  editing: Editing;
  dispatch: Dispatch<Action>;
  /** Places that somebody commented on. */
  noted?: ReadonlyMap<number, string>;
}

export function AnnotationList({ editing, dispatch, noted }: Props) {
  const items = itemsIn(editing);
  const place = useRef<HTMLDivElement>(null);
  const { chosen } = editing;
  useEffect(() => {
    place.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const waiting = items.filter((item) => !item.seen).length;
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4} id="annotations">
        {items.length === 0 ? "No annotations" : `${items.length} annotations`}
        {waiting > 0 && `, ${waiting} pre-labels not looked at`}
      </Text>
      <div
        ref={place}
        className="label-list"
        role="listbox"
        aria-labelledby="annotations"
        aria-activedescendant={chosen ? `item-${chosen}` : undefined}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          event.stopPropagation();
          dispatch({ type: "go", by: event.key === "ArrowDown" ? 1 : -1 });
        }}
      >
        {items.map((item, at) => (
          <Row
            key={item.uid}
            item={item}
            place={at + 1}
            colour={colourOf(editing.taxonomy, item.mark.category)}
            chosen={item.uid === chosen}
            note={noted?.get(at + 1) ?? ""}
            dispatch={dispatch}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  item: Item;
  place: number;
  colour: string;
  chosen: boolean;
  note: string;
  dispatch: Dispatch<Action>;
}

const Row = memo(function Row({ item, place, colour, chosen, note, dispatch }: RowProps) {
  const told = item.origin !== "model" ? "" : item.changed ? "corrected" : item.seen ? "accepted" : "pre-label";
  return (
    <div id={`item-${item.uid}`} role="option" aria-selected={chosen} className="label-row" onClick={() => dispatch({ type: "choose", uid: item.uid })}>
      <Text span size="xs" c="dimmed" className="figure" w={22} ta="right">
        {place}
      </Text>
      <span aria-hidden className="label-swatch" style={{ background: colour }} />
      <span style={{ flex: 1, minWidth: 0 }}>
        <Text span size="sm">
          {wordsOf(item.mark)}
        </Text>
        <Text size="xs" c="dimmed">
          {extentOf(item.mark)}
          {item.mark.track && `, track ${item.mark.track}`}
          {!item.mark.key && ", interpolated"}
        </Text>
        {note && (
          <Text size="xs" c="var(--mantine-color-orange-light-color)" className="label-note">
            {note}
          </Text>
        )}
      </span>
      {told && (
        <Badge size="xs" variant={item.seen ? "light" : "outline"} tt="none" color="gray">
          {told}
        </Badge>
      )}
    </div>
  );
});
