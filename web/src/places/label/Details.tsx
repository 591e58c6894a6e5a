/** What the chosen annotation says: its category and attributes, by mouse or by key. */
import { NativeSelect, Stack, TextInput } from "@mantine/core";
import type { Dispatch } from "react";

import { chosenIn, type Action, type Editing } from "./editing";
import { attributesOf, valueOf } from "./marks";

const KEYS = ["Q", "W", "E", "R"];

export function Details({ editing, dispatch }: { editing: Editing; dispatch: Dispatch<Action> }) {
  const item = chosenIn(editing);
  if (!item) return null;
  const { mark } = item;
  const fitting = editing.taxonomy.filter((one) => one.shapes.includes(mark.shape) || one.name === mark.category);
  const names = fitting.map((one) => one.name);
  return (
    <Stack gap={6} role="group" aria-label="chosen annotation">
      <NativeSelect
        size="xs"
        label="Category"
        data={names.includes(mark.category) ? names : [mark.category, ...names]}
        value={mark.category}
        onChange={(event) => {
          const place = editing.taxonomy.findIndex((one) => one.name === event.currentTarget.value);
          dispatch({ type: "category", place });
        }}
      />
      {attributesOf(editing.taxonomy, mark.category).map(([name, values], at) => {
        const label = `${name.replaceAll("_", " ")}${KEYS[at] && values.length > 0 ? ` (${KEYS[at]})` : ""}`;
        const change = (value: string) => dispatch({ type: "attribute", name, value });
        return values.length > 0 ? (
          <NativeSelect
            key={name}
            size="xs"
            label={label}
                data={[{ value: "", label: "not said" }, ...values]}
            value={valueOf(mark, name)}
            onChange={(event) => change(event.currentTarget.value)}
          />
        ) : (
          <TextInput key={name} size="xs" label={label} value={valueOf(mark, name)} onChange={(event) => change(event.currentTarget.value)} />
        );
      })}
    </Stack>
  );
}
