/** A parameter as a cell of a table shows it. */
export function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}

/** Parameters that not all runs have alike: only those tell runs apart. */
export function differingParameters(runs: readonly { parameters: Record<string, unknown> }[]): string[] {
  const seen = new Map<string, Set<string>>();
  for (const run of runs)
    for (const [name, value] of Object.entries(run.parameters)) {
      if (typeof value === "object") continue;
      const values = seen.get(name) ?? new Set();
      seen.set(name, values.add(shown(value)));
    }
  return [...seen].filter(([, values]) => values.size > 1).map(([name]) => name).sort();
}
