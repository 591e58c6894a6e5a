/** Columns of the table of runs: parameters that tell runs apart, filters and order over them. */
import { shown } from "../../parts/parameters";
import type { Run } from "./ask";

export type Value = string | number | null;

/** Parameters of a run with those of its network: `network.width`. */
export function flat(run: Pick<Run, "parameters" | "seed" | "dataset">): Record<string, Value> {
  const found: Record<string, Value> = { seed: run.seed, dataset: run.dataset ?? null };
  const put = (name: string, value: unknown) => {
    if (typeof value === "number" || typeof value === "string") found[name] = value;
    else if (value !== null && value !== undefined) found[name] = shown(value);
  };
  for (const [name, value] of Object.entries(run.parameters)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) for (const [inner, one] of Object.entries(value)) put(`${name}.${inner}`, one);
    else put(name, value);
  }
  return found;
}

/** Names of parameters that not all runs have alike, by name; seed and dataset come first. */
export function telling(rows: readonly Record<string, Value>[]): string[] {
  const first = new Map<string, Value>();
  const many = new Set<string>();
  rows.forEach((row, at) => {
    for (const name of Object.keys(row)) {
      if (!first.has(name)) {
        first.set(name, row[name] ?? null);
        if (at > 0) many.add(name);
      } else if (first.get(name) !== row[name]) many.add(name);
    }
    for (const name of first.keys()) if (!(name in row)) many.add(name);
  });
  const rank = (name: string) => (name === "dataset" ? 0 : name === "seed" ? 1 : 2);
  return [...many].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** One condition on a column. */
export interface Rule {
  column: string;
  op: "=" | "!=" | "<" | "<=" | ">" | ">=";
  value: string;
}

const RULE = /^\s*([\w.@-]+)\s*(<=|>=|!=|=|<|>)\s*([^<>=!\s].*?)\s*$/;

/** Conditions of a text such as `epochs >= 20, network.channels = 16`; a part that is none is told. */
export function rulesOf(text: string): { rules: Rule[]; wrong: string[] } {
  const rules: Rule[] = [];
  const wrong: string[] = [];
  for (const part of text.split(",").filter((each) => each.trim())) {
    const [, column, op, value] = RULE.exec(part) ?? [];
    if (column && op && value) rules.push({ column, op: op as Rule["op"], value });
    else wrong.push(part.trim());
  }
  return { rules, wrong };
}

/** Why conditions cannot hold on any of these rows: no such column, or no number where there are only numbers. */
export function misread(rules: readonly Rule[], rows: readonly Record<string, Value>[]): string[] {
  return rules.flatMap(({ column, value }) => {
    const mine = rows.map((row) => row[column]).filter((one) => one !== undefined && one !== null);
    if (rows.length > 0 && !rows.some((row) => column in row)) return [`no run has ${column}`];
    if (mine.length > 0 && mine.every((one) => typeof one === "number") && Number.isNaN(Number(value))) return [`${column} is a number, ${value} is none`];
    return [];
  });
}

/** Whether a row holds all conditions; numbers are compared as numbers. */
export function holds(row: Record<string, Value>, rules: readonly Rule[]): boolean {
  return rules.every(({ column, op, value }) => {
    const mine = row[column] ?? null;
    if (mine === null) return op === "!=";
    const number = Number(value);
    const numeric = typeof mine === "number" && !Number.isNaN(number);
    const side = numeric ? Math.sign(mine - number) : String(mine).includes(value) && op === "=" ? 0 : String(mine).localeCompare(value);
    return { "=": side === 0, "!=": side !== 0, "<": side < 0, "<=": side <= 0, ">": side > 0, ">=": side >= 0 }[op];
  });
}

/** Rows in order of a column; what has no value stands behind, whichever way. */
export function ordered<T>(rows: readonly T[], value: (row: T) => Value, down: boolean): T[] {
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const side = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return down ? -side : side;
  });
}
