/** What is written in the form of a guideline, and the body that it becomes. */
import type { Schemas } from "../../api/ask";

export interface Written {
  toml: string;
  text: string;
  /** Lines OLD=NEW. */
  map: string;
  unnamed: boolean;
  reason: string;
}

export const NEW: Written = {
  toml: 'name = ""\n\n[[categories]]\nname = "car"\nshapes = ["box"]\n',
  text: "",
  map: "",
  unnamed: false,
  reason: "",
};

/** The body of a request; a line of the map without `=` is an error that says so. */
export function bodyOfText(written: Written): Schemas["GuidelineGiven"] {
  const map: Record<string, string> = {};
  for (const line of written.map.split("\n")) {
    if (!line.trim()) continue;
    const at = line.indexOf("=");
    if (at < 1) throw new Error(`${line.trim()}: say OLD=NEW, or OLD= for what is drawn no more`);
    map[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return { toml: written.toml, text: written.text.trim() ? written.text : null, map, unnamed: written.unnamed, reason: written.reason };
}
