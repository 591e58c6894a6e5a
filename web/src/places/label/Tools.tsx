/** Tools and categories, each with its key. */
import { ActionIcon, Button, Group, Kbd, Tooltip } from "@mantine/core";

import { colourOf } from "./colours";
import type { Editing, Tool } from "./editing";
import type { Command } from "./keys";

const TOOLS: readonly (readonly [tool: Tool, name: string, key: string, path: string])[] = [
  ["select", "Choose", "V", "M6 3l12 9-6 1 3 6-3 1-3-6-3 4z"],
  ["box", "Box", "B", "M4 6h16v12H4z"],
  ["rotated-box", "Turned box", "T", "M9 3l11 6-5 12L4 15z"],
  ["polyline", "Line", "L", "M3 19l6-9 6 4 6-10"],
  ["polygon", "Polygon", "P", "M12 3l9 7-4 10H7L3 10z"],
  ["point", "Point", "O", "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8"],
];

interface Props {
  editing: Editing;
  run: (command: Command) => void;
  crosshair: boolean;
}

export function Tools({ editing, run, crosshair }: Props) {
  const { history, taxonomy } = editing;
  const shapes = new Set(taxonomy.flatMap((one) => one.shapes));
  const tools = editing.readOnly ? [] : TOOLS.filter(([tool]) => tool === "select" || shapes.has(tool));
  return (
    <Group gap="xs" wrap="wrap" role="toolbar" aria-label="tools">
      {tools.length > 0 && (
        <ActionIcon.Group>
          {tools.map(([tool, name, key, path]) => (
            <Icon key={tool} name={name} keys={key} path={path} pressed={editing.tool === tool} onClick={() => run({ type: "tool", tool })} />
          ))}
        </ActionIcon.Group>
      )}
      {!editing.readOnly && (
        <Group gap={4} role="group" aria-label="categories">
          {taxonomy.map((one, place) => (
            <Button
              key={one.name}
              size="compact-xs"
              variant={editing.category === one.name ? "light" : "default"}
              aria-pressed={editing.category === one.name}
              leftSection={<span aria-hidden className="label-swatch" style={{ background: colourOf(taxonomy, one.name) }} />}
              rightSection={place < 9 ? <Kbd size="xs">{place + 1}</Kbd> : undefined}
              onClick={() => run({ type: "category", place })}
            >
              {one.name}
            </Button>
          ))}
        </Group>
      )}
      <ActionIcon.Group>
        {!editing.readOnly && (
          <>
            <Icon name="Undo" keys="Ctrl Z" path="M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-3" disabled={history.past.length === 0} onClick={() => run({ type: "undo" })} />
            <Icon name="Redo" keys="Ctrl Shift Z" path="M15 5l5 5-5 5M20 10H10a5 5 0 0 0 0 10h3" disabled={history.future.length === 0} onClick={() => run({ type: "redo" })} />
          </>
        )}
        <Icon name="Nearer" keys="+" path="M12 5v14M5 12h14" onClick={() => run({ type: "zoom", by: 1.25 })} />
        <Icon name="Farther" keys="−" path="M5 12h14" onClick={() => run({ type: "zoom", by: 0.8 })} />
        <Icon name="All of it" keys="0" path="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" onClick={() => run({ type: "fit" })} />
        <Icon name={editing.hidden ? "Show annotations" : "Hide annotations"} keys="H" pressed={editing.hidden} path="M2 12c5-8 15-8 20 0-5 8-15 8-20 0M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6" onClick={() => run({ type: "hide" })} />
        <Icon name="Cross hairs" keys="C" pressed={crosshair} path="M12 3v18M3 12h18" onClick={() => run({ type: "crosshair" })} />
        <Icon name="Guideline" keys="G" path="M5 4h11l3 3v13H5zM8 10h8M8 14h8" onClick={() => run({ type: "guideline" })} />
      </ActionIcon.Group>
    </Group>
  );
}

interface IconProps {
  name: string;
  keys: string;
  path: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick: () => void;
}

function Icon({ name, keys, path, pressed, disabled = false, onClick }: IconProps) {
  return (
    <Tooltip label={`${name} (${keys})`}>
      <ActionIcon variant={pressed ? "filled" : "default"} size="md" aria-label={name} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
        <svg width={17} height={17} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.8} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
          <path d={path} />
        </svg>
      </ActionIcon>
    </Tooltip>
  );
}
