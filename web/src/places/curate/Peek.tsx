/** One frame, large: drag a box over it to search for that part, or search for the whole of it. */
import { Button, Checkbox, Group, Modal, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type PointerEvent, useEffect, useRef, useState } from "react";

import { picture } from "../../api/ask";
import { called } from "./Grid";
import type { Row } from "./pages";

interface Props {
  row: Row | null;
  chosen: boolean;
  onChoose: (frame: string) => void;
  onLike: (frame: string, crop: string) => void;
  onStep: (by: number) => void;
  onClose: () => void;
}

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export function Peek({ row, chosen, onChoose, onLike, onStep, onClose }: Props) {
  const [box, setBox] = useState<Box | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => setBox(null), [row?.frame_id]);
  if (!row) return null;
  const channel = decodeURIComponent(row.frame_id.split("/").slice(-2)[0] ?? "");
  const number = Number(row.frame_id.split("/").pop());
  const width = row.width || size.width;
  const height = row.height || size.height;
  const part = box && width ? [box.x * width, box.y * height, box.w * width, box.h * height].map((value) => Math.round(value)) : null;
  return (
    <Modal
      opened
      onClose={onClose}
      size="min(1100px, 92vw)"
      title={called(row.frame_id)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by) onStep(by);
        if (event.key === "x") onChoose(row.frame_id);
      }}
    >
      <Cutter frame={row.frame_id} aspect={width && height ? width / height : 16 / 9} box={box} onBox={setBox} onSize={setSize} />
      <Group justify="space-between" mt="sm">
        <Group gap="sm">
          {part ? (
            <Button size="compact-sm" onClick={() => onLike(row.frame_id, part.join(","))}>
              Frames like this part
            </Button>
          ) : (
            <Button size="compact-sm" onClick={() => onLike(row.frame_id, "")} data-autofocus>
              Frames like this one
            </Button>
          )}
          <Button size="compact-sm" variant="default" component={Link} to={`/recording/${row.recording_id}?channel=${encodeURIComponent(channel)}&frame=${number}`}>
            Open in its recording
          </Button>
          <Checkbox size="xs" label="Chosen" checked={chosen} onChange={() => onChoose(row.frame_id)} />
        </Group>
        <Text size="xs" c="dimmed" className="mono break">
          {part ? `${part[2]} x ${part[3]} px at ${part[0]}, ${part[1]}` : "Drag a box over the picture to search for a part"}
        </Text>
      </Group>
      <Text size="xs" c="dimmed" mt={4} className="mono break">
        {row.frame_id}
      </Text>
    </Modal>
  );
}

interface CutterProps {
  frame: string;
  aspect: number;
  box: Box | null;
  onBox: (box: Box | null) => void;
  onSize: (size: { width: number; height: number }) => void;
}

/** A picture with a box in shares of its sides; small ones are taken for a slip of the hand. */
function Cutter({ frame, aspect, box, onBox, onSize }: CutterProps) {
  const start = useRef<[number, number] | null>(null);
  const share = (event: PointerEvent): [number, number] => {
    const place = event.currentTarget.getBoundingClientRect();
    const within = (value: number) => Math.min(Math.max(value, 0), 1);
    return [within((event.clientX - place.left) / place.width), within((event.clientY - place.top) / place.height)];
  };
  const drag = (event: PointerEvent) => {
    if (!start.current) return;
    const [x, y] = share(event);
    const [fromX, fromY] = start.current;
    const next = { x: Math.min(x, fromX), y: Math.min(y, fromY), w: Math.abs(x - fromX), h: Math.abs(y - fromY) };
    onBox(next.w > 0.015 && next.h > 0.015 ? next : null);
  };
  return (
    <div
      data-cutter
      style={{ position: "relative", touchAction: "none", cursor: "crosshair", aspectRatio: `${aspect}`, maxHeight: "70vh", marginInline: "auto", borderRadius: 4, overflow: "hidden", background: `#111 center / 100% 100% url("${picture(frame, "proxy", 320)}")` }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = share(event);
        onBox(null);
      }}
      onPointerMove={drag}
      onPointerUp={() => (start.current = null)}
    >
      <img
        src={picture(frame, "recorded", 1280)}
        alt={`frame ${frame}`}
        draggable={false}
        style={{ width: "100%", height: "100%", display: "block" }}
        onLoad={(event) => onSize({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })}
      />
      {box && (
        <div
          style={{ position: "absolute", left: `${100 * box.x}%`, top: `${100 * box.y}%`, width: `${100 * box.w}%`, height: `${100 * box.h}%`, border: "2px solid #fff", boxShadow: "0 0 0 9999px rgba(0,0,0,0.45)", clipPath: "inset(-9999px)" }}
        />
      )}
    </div>
  );
}
