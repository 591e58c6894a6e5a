/** Versions as a graph: which lane each stands in, and which lines run past it. */

export interface Node {
  id: string;
  parents: readonly string[];
}

/** A line of the graph between two rows. */
export interface Line {
  from: [lane: number, row: number];
  to: [lane: number, row: number];
}

export interface Lanes {
  lane: number[];
  lines: Line[];
  width: number;
}

/** Lanes of versions, children before their parents, as a history is listed. */
export function lanesOf(nodes: readonly Node[]): Lanes {
  const row = new Map(nodes.map((node, at) => [node.id, at]));
  const waiting: (string | null)[] = [];
  const lane: number[] = [];
  let width = 1;
  for (const node of nodes) {
    let mine = waiting.indexOf(node.id);
    if (mine < 0) mine = free(waiting);
    for (let at = 0; at < waiting.length; at += 1) if (waiting[at] === node.id) waiting[at] = null;
    lane.push(mine);
    const known = node.parents.filter((parent) => row.has(parent));
    known.forEach((parent, nth) => {
      if (nth > 0 && waiting.includes(parent)) return;
      waiting[nth === 0 ? mine : free(waiting)] = parent;
    });
    width = Math.max(width, waiting.length, mine + 1);
  }
  const lines = nodes.flatMap((node, at) =>
    node.parents.flatMap((parent): Line[] => {
      const to = row.get(parent);
      return to === undefined ? [] : [{ from: [lane[at] ?? 0, at], to: [lane[to] ?? 0, to] }];
    }),
  );
  return { lane, lines, width };
}

function free(waiting: (string | null)[]): number {
  const at = waiting.indexOf(null);
  return at < 0 ? waiting.length : at;
}
