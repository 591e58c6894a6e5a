/** The editor as a value: what is drawn, what is chosen, and what each action makes of it. */
import {
  bounded, clamp, grown, isEditable, isSomething, moved, vertexInserted, vertexMoved, vertexRemoved, type Point,
} from "./geometry";
import { begun, redone, stepped, undone, type History } from "./history";
import {
  attributesOf, itemOf, plain, recategorised, valueOf, withValue, type Category, type Drawable, type Item, type Mark, type Size,
} from "./marks";

export type Tool = "select" | Drawable;

export interface Editing {
  history: History<readonly Item[]>;
  chosen: string | null;
  /** Of the chosen polyline or polygon. */
  vertex: number | null;
  tool: Tool;
  category: string;
  /** Of the line or polygon that is being drawn. */
  drawing: readonly Point[];
  hidden: boolean;
  taxonomy: readonly Category[];
  size: Size;
  readOnly: boolean;
}

export type Action =
  | { type: "start"; items: readonly Item[] }
  | { type: "size"; size: Size }
  | { type: "tool"; tool: Tool }
  | { type: "choose"; uid: string | null; vertex?: number | null }
  | { type: "go"; by: 1 | -1 }
  | { type: "category"; place: number }
  | { type: "attribute"; name: string; value: string }
  | { type: "cycle"; place: number }
  | { type: "nudge"; dx: number; dy: number; grow: boolean }
  | { type: "change"; uid: string; mark: Mark; movement: string }
  | { type: "add"; mark: Mark }
  | { type: "corner"; at: Point }
  | { type: "cornerBack" }
  | { type: "finish" }
  | { type: "escape" }
  | { type: "insert"; at: Point }
  | { type: "delete" }
  | { type: "accept" }
  | { type: "hide" }
  | { type: "undo" }
  | { type: "redo" };

export function opened(items: readonly Item[], taxonomy: readonly Category[], readOnly = false): Editing {
  return {
    history: begun(items), chosen: null, vertex: null, tool: "select", category: taxonomy[0]?.name ?? "", drawing: [],
    hidden: false, taxonomy, size: [1, 1], readOnly,
  };
}

export function itemsIn(editing: Editing): readonly Item[] {
  return editing.history.now;
}

export function chosenIn(editing: Editing): Item | undefined {
  return editing.history.now.find((item) => item.uid === editing.chosen);
}

const LOOKING: Action["type"][] = ["start", "size", "choose", "go", "escape", "hide"];

export function edited(before: Editing, action: Action): Editing {
  if (before.readOnly && !LOOKING.includes(action.type)) return before;
  switch (action.type) {
    case "start":
      return { ...before, history: begun(action.items), chosen: null, vertex: null, drawing: [] };
    case "size":
      return { ...before, size: action.size };
    case "tool":
      return withTool(before, action.tool);
    case "choose":
      return { ...before, chosen: action.uid, vertex: action.vertex ?? null };
    case "go":
      return gone(before, action.by);
    case "category":
      return categorised(before, action.place);
    case "attribute":
      return onChosen(before, (mark) => withValue(mark, action.name, action.value));
    case "cycle":
      return cycled(before, action.place);
    case "nudge":
      return nudged(before, action.dx, action.dy, action.grow);
    case "change":
      return changed(before, action.uid, () => action.mark, action.movement);
    case "add":
      return added(before, action.mark);
    case "corner":
      return { ...before, drawing: [...before.drawing, action.at] };
    case "cornerBack":
      return { ...before, drawing: before.drawing.slice(0, -1) };
    case "finish":
      return finished(before);
    case "escape":
      return escaped(before);
    case "insert":
      return inserted(before, action.at);
    case "delete":
      return deleted(before);
    case "accept":
      return accepted(before);
    case "hide":
      return { ...before, hidden: !before.hidden };
    case "undo":
      return kept({ ...before, history: undone(before.history), drawing: [] });
    case "redo":
      return kept({ ...before, history: redone(before.history), drawing: [] });
  }
}

/** The category that a tool draws: the one in hand, or the first that takes the shape. */
export function categoryFor(editing: Editing, tool: Tool): string | undefined {
  if (tool === "select") return editing.category;
  const takes = (one: Category) => one.shapes.includes(tool);
  const inHand = editing.taxonomy.find((one) => one.name === editing.category);
  return inHand && takes(inHand) ? inHand.name : editing.taxonomy.find(takes)?.name;
}

function withTool(before: Editing, tool: Tool): Editing {
  const category = categoryFor(before, tool);
  if (category === undefined) return before;
  return { ...before, tool, category, drawing: [], chosen: tool === "select" ? before.chosen : null, vertex: null };
}

/** The next annotation, or none behind the last: the keyboard goes on to what follows. */
function gone(before: Editing, by: 1 | -1): Editing {
  const items = before.history.now;
  const at = items.findIndex((item) => item.uid === before.chosen);
  const next = at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by;
  return { ...before, chosen: items[next]?.uid ?? null, vertex: null, tool: "select", drawing: [] };
}

/** A digit: another category for what is chosen, else for what will be drawn. */
function categorised(before: Editing, place: number): Editing {
  const category = before.taxonomy[place];
  if (!category) return before;
  const chosen = chosenIn(before);
  if (!chosen) {
    const fits = before.tool === "select" || category.shapes.includes(before.tool);
    const shape = category.shapes.find((one): one is Drawable => one === "box" || one === "polyline" || one === "polygon" || one === "point" || one === "rotated-box");
    return { ...before, category: category.name, tool: fits ? before.tool : (shape ?? before.tool), drawing: [] };
  }
  if (!category.shapes.includes(chosen.mark.shape)) return before;
  return onChosen({ ...before, category: category.name }, (mark) => recategorised(mark, category.name, before.taxonomy));
}

function cycled(before: Editing, place: number): Editing {
  return onChosen(before, (mark) => {
    const [name, values] = attributesOf(before.taxonomy, mark.category)[place] ?? [];
    if (!name || !values || values.length === 0) return mark;
    const at = values.indexOf(valueOf(mark, name));
    return withValue(mark, name, values[(at + 1) % values.length] ?? "");
  });
}

function nudged(before: Editing, dx: number, dy: number, grow: boolean): Editing {
  const { vertex, size } = before;
  const movement = `nudge ${before.chosen} ${vertex} ${grow}`;
  return onChosen(
    before,
    (mark) => {
      if (!isEditable(mark)) return mark;
      if (grow) return grown(mark, dx, dy, size);
      if (vertex === null) return moved(mark, dx, dy, size);
      return vertexMoved(mark, vertex, [(mark.points[2 * vertex] ?? 0) + dx, (mark.points[2 * vertex + 1] ?? 0) + dy], size);
    },
    movement,
  );
}

function onChosen(before: Editing, change: (mark: Mark) => Mark, movement = ""): Editing {
  return before.chosen === null ? before : changed(before, before.chosen, change, movement);
}

function changed(before: Editing, uid: string, change: (mark: Mark) => Mark, movement: string): Editing {
  let same = true;
  const items = before.history.now.map((item) => {
    if (item.uid !== uid) return item;
    const mark = change(item.mark);
    if (mark === item.mark) return item;
    same = false;
    return { ...item, mark, seen: true, changed: true };
  });
  return same ? before : { ...before, history: stepped(before.history, items, movement) };
}

function added(before: Editing, mark: Mark): Editing {
  if (!isSomething(mark)) return before;
  const item = itemOf(mark, "hand");
  return { ...before, history: stepped(before.history, [...before.history.now, item]), chosen: item.uid, vertex: null, drawing: [] };
}

/** The line or polygon that is being drawn is done. */
function finished(before: Editing): Editing {
  const least = before.tool === "polygon" ? 3 : 2;
  if (before.drawing.length < least) return before;
  return added(before, bounded(plain(before.category, { shape: before.tool as Drawable, points: before.drawing.flat() })));
}

function escaped(before: Editing): Editing {
  if (before.drawing.length > 0) return { ...before, drawing: [] };
  if (before.vertex !== null) return { ...before, vertex: null };
  if (before.tool !== "select") return { ...before, tool: "select" };
  return { ...before, chosen: null };
}

/** A new shape around a place; on a chosen line or polygon, a new vertex. */
function inserted(before: Editing, at: Point): Editing {
  const chosen = chosenIn(before);
  if (chosen && (chosen.mark.shape === "polyline" || chosen.mark.shape === "polygon")) {
    const made = vertexInserted(chosen.mark, at);
    return { ...changed(before, chosen.uid, () => made.mark, ""), vertex: made.vertex };
  }
  const tool = before.tool === "select" ? (categoryFor(before, "box") ? "box" : undefined) : before.tool;
  const category = tool && categoryFor(before, tool);
  return tool && category ? added({ ...before, tool: "select" }, shapeAround(tool, category, at, before.size)) : before;
}

function shapeAround(tool: Drawable, category: string, at: Point, size: Size): Mark {
  const side = Math.min(size[0], size[1]) / 10;
  const [x, y] = at.map((value, i) => clamp(value, side / 2, (size[i] ?? 0) - side / 2)) as unknown as Point;
  const corner: Point[] = [[x - side / 2, y - side / 2], [x + side / 2, y - side / 2], [x + side / 2, y + side / 2], [x - side / 2, y + side / 2]];
  const points = {
    box: [], "rotated-box": [x, y, side, side, 0], point: [x, y], polygon: corner.flat(), polyline: [x - side / 2, y, x + side / 2, y],
  }[tool];
  const box = { x: x - side / 2, y: y - side / 2, w: side, h: side };
  return bounded(plain(category, { ...box, shape: tool, points }));
}

/** The chosen vertex, or the whole; what stood behind it is chosen next. */
function deleted(before: Editing): Editing {
  const chosen = chosenIn(before);
  if (!chosen) return before;
  if (before.vertex !== null) {
    const mark = vertexRemoved(chosen.mark, before.vertex);
    return { ...changed(before, chosen.uid, () => mark, ""), vertex: null };
  }
  const items = before.history.now;
  const at = items.indexOf(chosen);
  const rest = items.filter((item) => item !== chosen);
  return { ...before, history: stepped(before.history, rest), chosen: rest[Math.min(at, rest.length - 1)]?.uid ?? null };
}

/** The chosen pre-label stands; the next that nobody looked at is chosen. */
function accepted(before: Editing): Editing {
  const chosen = chosenIn(before);
  const items = before.history.now.map((item) => (item === chosen && !item.seen ? { ...item, seen: true } : item));
  const same = items.every((item, i) => item === before.history.now[i]);
  const history = same ? before.history : stepped(before.history, items);
  const from = chosen ? before.history.now.indexOf(chosen) + 1 : 0;
  const next = [...items.slice(from), ...items.slice(0, from)].find((item) => !item.seen);
  return { ...before, history, chosen: next?.uid ?? before.chosen, vertex: null };
}

/** What is chosen is still there. */
function kept(after: Editing): Editing {
  return chosenIn(after) ? { ...after, vertex: null } : { ...after, chosen: null, vertex: null };
}
