/** Comments of reviews: lines, those about one annotation begin with its place, such as `#3`. */

export interface Notes {
  general: string;
  at: ReadonlyMap<number, string>;
}

const AT = /^#(\d+)\b[^:]*:\s*(.*)$/;

export function notesOf(note: string): Notes {
  const at = new Map<number, string>();
  const general: string[] = [];
  for (const line of note.split("\n")) {
    const found = AT.exec(line);
    if (!found) general.push(line);
    else at.set(Number(found[1]), [at.get(Number(found[1])), found[2]].filter(Boolean).join("; "));
  }
  return { general: general.join("\n").trim(), at };
}

/** The lines of a review; `names` says what stands at a place. */
export function linesOf(general: string, at: ReadonlyMap<number, string>, names: (place: number) => string): string[] {
  const about = [...at].filter(([, text]) => text.trim() !== "").sort(([one], [other]) => one - other);
  return [...about.map(([place, text]) => `#${place} ${names(place)}: ${text.trim()}`), general.trim()].filter(Boolean);
}
