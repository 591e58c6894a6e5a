/** Which key does what in the editor. The list is what the help shows. */
import type { Action } from "./editing";

export type Command =
  | Action
  | { type: "zoom"; by: number }
  | { type: "fit" }
  | { type: "frame" }
  | { type: "submit" }
  | { type: "skip" }
  | { type: "crosshair" }
  | { type: "guideline" }
  | { type: "insertHere" };

export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["Tab, Shift Tab", "Next annotation, the one before; behind the last, on to the list"],
  ["1 to 9", "Category of what is chosen, or of what is drawn next"],
  ["Q W E R", "Next value of the first, second, third, fourth attribute"],
  ["A", "Accept the pre-label, and on to the next that nobody looked at"],
  ["← ↑ → ↓", "Move by 1 px; with Shift by 10; with Alt the size"],
  ["Delete", "Delete the annotation, or its chosen vertex"],
  ["B, T", "Draw boxes, turned boxes"],
  ["L, P, O", "Draw lines, polygons, points"],
  ["V, Esc", "Choose; Esc also ends what is being drawn"],
  ["I", "Put a new shape, or a vertex on the chosen line, under the hand"],
  ["Enter", "End the line; else submit"],
  ["S", "Skip, with a reason"],
  ["Ctrl Z, Ctrl Shift Z", "Undo, redo"],
  ["+ − 0", "Nearer, farther, all of it; the wheel does it at the hand"],
  ["F", "Show the chosen annotation near"],
  ["Space", "Hold and drag to move the picture"],
  [", .", "Look at the frame before, behind"],
  ["H", "Hide annotations, or show them"],
  ["C", "Cross hairs"],
  ["G", "Guideline"],
];

interface Pressed {
  key: string;
  code?: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const PLAIN: Record<string, Command> = {
  b: { type: "tool", tool: "box" },
  t: { type: "tool", tool: "rotated-box" },
  l: { type: "tool", tool: "polyline" },
  p: { type: "tool", tool: "polygon" },
  o: { type: "tool", tool: "point" },
  v: { type: "tool", tool: "select" },
  a: { type: "accept" },
  h: { type: "hide" },
  s: { type: "skip" },
  c: { type: "crosshair" },
  g: { type: "guideline" },
  f: { type: "frame" },
  i: { type: "insertHere" },
  q: { type: "cycle", place: 0 },
  w: { type: "cycle", place: 1 },
  e: { type: "cycle", place: 2 },
  r: { type: "cycle", place: 3 },
  "+": { type: "zoom", by: 1.25 },
  "=": { type: "zoom", by: 1.25 },
  "-": { type: "zoom", by: 0.8 },
  "0": { type: "fit" },
  Delete: { type: "delete" },
  Backspace: { type: "delete" },
  Escape: { type: "escape" },
  Enter: { type: "submit" },
};

/** What a key means while a line is, or is not, being drawn; null for what is not ours. */
export function commandOf(pressed: Pressed, drawing: boolean): Command | null {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = pressed;
  if (ctrlKey || metaKey) {
    if (altKey || key.toLowerCase() === "y") return key.toLowerCase() === "y" && !altKey ? { type: "redo" } : null;
    return key.toLowerCase() === "z" ? { type: shiftKey ? "redo" : "undo" } : null;
  }
  const arrow = ARROWS[key];
  if (arrow) {
    const far = shiftKey ? 10 : 1;
    return { type: "nudge", dx: arrow[0] * far, dy: arrow[1] * far, grow: altKey };
  }
  if (altKey) return null;
  if (key === "Tab") return { type: "go", by: shiftKey ? -1 : 1 };
  if (drawing && key === "Enter") return { type: "finish" };
  if (drawing && key === "Backspace") return { type: "cornerBack" };
  if (key >= "1" && key <= "9" && key.length === 1) return { type: "category", place: Number(key) - 1 };
  if (shiftKey && key !== "+") return null;
  return PLAIN[key] ?? PLAIN[key.toLowerCase()] ?? null;
}

/** Whether somebody is writing there, or a button there has the key itself. */
export function isTaken(target: { tagName?: string; type?: string; isContentEditable?: boolean; getAttribute?: (name: string) => string | null } | null, key: string): boolean {
  const tag = target?.tagName ?? "";
  if (target?.isContentEditable || tag === "TEXTAREA" || tag === "SELECT") return true;
  const toggles = target?.type === "radio" || target?.type === "checkbox";
  if (tag === "INPUT" && !toggles) return true;
  if (toggles) return key === " " || key.startsWith("Arrow") || key === "Tab";
  const role = target?.getAttribute?.("role") ?? "";
  if (tag === "BUTTON" || tag === "A" || role === "button") return key === "Enter" || key === " " || key === "Tab";
  return false;
}
