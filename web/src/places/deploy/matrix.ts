/** Plans sorted into a matrix for each model: platforms down, batch and precision across. */
import type { Schemas } from "../../api/ask";

export type Plan = Schemas["PlanItem"];

export const QUANTILES = ["p50", "p99", "p99.9"] as const;
type Quantile = (typeof QUANTILES)[number];

export interface Matrix {
  model: string;
  names: readonly string[];
  columns: string[];
  rows: { name: string; cells: Map<string, Plan[]> }[];
}

export function matrices(plans: readonly Plan[]): Matrix[] {
  const found = new Map<string, Matrix>();
  for (const plan of plans) {
    const told = plan.manifest;
    if (!told) continue;
    const one = found.get(told.model) ?? { model: told.model, names: plan.names ?? [], columns: [], rows: [] };
    found.set(told.model, one);
    const column = `batch ${told.batch}, ${told.precision}`;
    const name = `${told.platform}, ${told.runtime} ${told.runtime_version}`;
    if (!one.columns.includes(column)) one.columns.push(column);
    let row = one.rows.find((each) => each.name === name);
    if (!row) one.rows.push((row = { name, cells: new Map() }));
    row.cells.set(column, [...(row.cells.get(column) ?? []), plan]);
  }
  for (const one of found.values()) one.columns.sort();
  return [...found.values()];
}

/** The last measured wall time of a plan, and over how many runs. */
export function latency(plan: Plan): { wall: Partial<Record<Quantile, number>>; runs: number } | null {
  const wall: Partial<Record<Quantile, number>> = {};
  let runs = 0;
  for (const figure of plan.measurements) {
    const name = QUANTILES.find((each) => figure.name === `latency wall ${each}`);
    if (name) {
      wall[name] = figure.value;
      runs = Number(figure.detail?.runs ?? 0);
    }
  }
  return runs > 0 ? { wall, runs } : null;
}
