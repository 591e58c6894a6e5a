/** The frames before and behind, to look at what moves; nothing is drawn on them here. */
import { Alert, Button, Group, Kbd, Text } from "@mantine/core";
import { useEffect, useRef } from "react";

import { picture } from "../../api/ask";
import { useNeighbours } from "./ask";
import { isTaken } from "./keys";

interface Props {
  frame: string;
  /** The one that is looked at in its place; empty for the frame itself. */
  peek: string;
  onPeek: (frame: string) => void;
}

export function Neighbours({ frame, peek, onPeek }: Props) {
  const asked = useNeighbours(frame);
  const frames = (asked.data?.items ?? []) as unknown as { frame_id: string; sequence: number }[];
  const place = frames.findIndex((one) => one.frame_id === (peek || frame));
  const held = useRef({ frames, place, frame, onPeek });
  held.current = { frames, place, frame, onPeek };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(target, event.key) || target.closest('[role="dialog"]')) return;
      if (event.key !== "," && event.key !== ".") return;
      const now = held.current;
      const to = now.frames[now.place + (event.key === "." ? 1 : -1)]?.frame_id;
      if (to) now.onPeek(to === now.frame ? "" : to);
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  if (frames.length < 2) return null;
  return (
    <div className="label-strip" role="group" aria-label="neighbouring frames">
      {frames.map((one) => (
        <button
          key={one.frame_id}
          type="button"
          aria-current={one.frame_id === (peek || frame) ? "true" : undefined}
          aria-label={one.frame_id === frame ? `${one.sequence} this one, to draw` : `${one.sequence}, look at this frame`}
          onClick={() => onPeek(one.frame_id === frame ? "" : one.frame_id)}
        >
          <img src={picture(one.frame_id, "proxy", 160)} alt="" loading="lazy" />
          <Text size="xs" className="figure" component="span" display="block" px={4}>
            {one.sequence} {one.frame_id === frame ? "this one" : ""}
          </Text>
        </button>
      ))}
    </div>
  );
}

export function Peeking({ onBack }: { onBack: () => void }) {
  return (
    <Alert color="blue" py={6}>
      <Group gap="xs">
        <Text size="sm">This is a neighbour, to look at only.</Text>
        <Button size="compact-xs" variant="default" onClick={onBack} rightSection={<Kbd size="xs">Esc</Kbd>}>
          Back to the frame
        </Button>
      </Group>
    </Alert>
  );
}
