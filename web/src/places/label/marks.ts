/** Annotations while they are worked on: what the API calls marks, and what the editor adds. */
import type { Schemas } from "../../api/ask";

export type Mark = Omit<Schemas["Mark"], "points" | "parts" | "attributes"> & {
  points: number[];
  parts: number[];
  attributes: Record<string, string>;
};
export type Given = Schemas["MarkGiven"];
export type Guideline = Schemas["Guideline"];
export type Category = Schemas["Category"];
export type Turn = Schemas["TurnTold"];
export type Size = readonly [width: number, height: number];

/** Where a mark came from: a network's pre-label, earlier annotations, or this hand. */
export type Origin = "model" | "given" | "hand";

export interface Item {
  /** In this editor alone. */
  uid: string;
  mark: Mark;
  origin: Origin;
  /** Somebody accepted or changed it. */
  seen: boolean;
  changed?: boolean;
}

export const DRAWABLE = ["box", "rotated-box", "polyline", "polygon", "point"] as const;
export type Drawable = (typeof DRAWABLE)[number];

const STATES = ["unknown", "red", "amber", "green"];
export const LIGHT_STATE = "light_state";
/** Where no guideline says what may be drawn: the categories of the reference network. */
export const FREE: Guideline = {
  name: "",
  text: "",
  min_side_px: 0,
  taxonomy: {
    categories: ["car", "pedestrian", "cyclist", "sign", "light", "lane"].map((name) => ({
      name,
      parent: "",
      shapes: name === "lane" ? ["polyline"] : ["box", "rotated-box", "polygon", "polyline", "point"],
      attributes: (name === "light" ? { [LIGHT_STATE]: STATES } : {}) as Record<string, string[]>,
    })),
  },
};

/** What may be drawn: the guideline's taxonomy, or anything that is usual or here already. */
export function taxonomyOf(guideline: Guideline | null | undefined, marks: readonly { category: string }[]): Category[] {
  if (guideline) return [...guideline.taxonomy.categories];
  const usual = FREE.taxonomy.categories;
  const known = new Set(usual.map((one) => one.name));
  const others = [...new Set(marks.map((mark) => mark.category))].filter((name) => !known.has(name));
  return [...usual, ...others.map((name) => ({ name, parent: "", shapes: [...DRAWABLE], attributes: {} }))];
}

export function plain(category: string, values: Partial<Mark>): Mark {
  return {
    category, x: 0, y: 0, w: 0, h: 0, light_state: "", shape: "box", points: [], parts: [], mask: "", space: "",
    attributes: {}, track: "", key: true, guideline: "", id: "", ...values,
  };
}

/** A mark of the API; fields that JSON leaves out are plain. */
export function markOf(value: Schemas["Mark"]): Mark {
  const { points, parts, attributes, ...rest } = value;
  return plain(value.category, {
    ...rest, points: [...(points ?? [])], parts: [...(parts ?? [])], attributes: { ...(attributes ?? {}) },
  });
}

const hundredth = (value: number) => Math.round(value * 100) / 100;

/** As it is sent: in hundredths of a pixel. The guideline is that of the order. */
export function sent(mark: Mark): Given {
  const pixels = mark.space === "" && mark.shape !== "rotated-box";
  return {
    ...mark,
    x: hundredth(mark.x), y: hundredth(mark.y), w: hundredth(mark.w), h: hundredth(mark.h),
    points: pixels ? mark.points.map(hundredth) : mark.points,
    shape: mark.shape as Given["shape"],
    guideline: "",
  };
}

let made = 0;
export function itemOf(mark: Mark, origin: Origin, seen = origin !== "model"): Item {
  made += 1;
  return { uid: `${Date.now().toString(36)}-${made}`, mark, origin, seen };
}

export function itemsOf(marks: readonly Schemas["Mark"][], origin: Origin): Item[] {
  return marks.map((mark) => itemOf(markOf(mark), origin));
}

/** The attributes that a category asks for: those with values first, which have keys. */
export function attributesOf(taxonomy: readonly Category[], category: string): [name: string, values: string[]][] {
  const found = taxonomy.find((one) => one.name === category);
  const all = Object.entries(found?.attributes ?? {}).map(([name, values]): [string, string[]] => [name, [...values]]);
  return [...all.filter(([, values]) => values.length > 0), ...all.filter(([, values]) => values.length === 0)];
}

export function valueOf(mark: Mark, attribute: string): string {
  return attribute === LIGHT_STATE ? mark.light_state : (mark.attributes[attribute] ?? "");
}

export function withValue(mark: Mark, attribute: string, value: string): Mark {
  if (attribute === LIGHT_STATE) return { ...mark, light_state: value };
  const attributes = { ...mark.attributes };
  if (value) attributes[attribute] = value;
  else delete attributes[attribute];
  return { ...mark, attributes };
}

/** With another category; what that one does not ask for goes. */
export function recategorised(mark: Mark, category: string, taxonomy: readonly Category[]): Mark {
  const known = new Map(attributesOf(taxonomy, category));
  const stays = (name: string, value: string) =>
    name === "outside" || (known.has(name) && (known.get(name)?.length === 0 || known.get(name)?.includes(value)));
  return {
    ...mark,
    category,
    light_state: stays(LIGHT_STATE, mark.light_state) ? mark.light_state : "",
    attributes: Object.fromEntries(Object.entries(mark.attributes).filter(([name, value]) => stays(name, value))),
  };
}

/** What a mark says of itself, for lists and screen readers. */
export function wordsOf(mark: Mark): string {
  const told = [mark.light_state, ...Object.entries(mark.attributes).map(([name, value]) => `${name} ${value}`)];
  return [mark.category, ...told.filter(Boolean)].join(", ");
}

export function extentOf(mark: Mark): string {
  if (mark.space !== "") return `${mark.shape} in ${mark.space} coordinates`;
  if (mark.shape === "polyline" || mark.shape === "polygon") return `${mark.points.length / 2} points`;
  const at = `${Math.round(mark.x)}, ${Math.round(mark.y)}`;
  return mark.shape === "point" ? `at ${at}` : `${Math.round(mark.w)} x ${Math.round(mark.h)} px at ${at}`;
}
