/** Which dataset is written to, where several names point at one version. */
import { Select } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { type Version, movables } from "./ask";

interface Target {
  /** None where no name points at the version, or nobody has said which. */
  name: string | undefined;
  names: string[];
  /** Asks which, where the address does not say it. */
  asks: ReactNode;
}

/** The dataset of the address; without one there, the only name, or the one that is chosen. */
export function useTarget(of: Version): Target {
  const at = useParams({ from: "/dataset/$" })._splat ?? "";
  const [chosen, setChosen] = useState<string | null>(null);
  const names = movables(of);
  if (names.includes(at)) return { name: at, names, asks: null };
  if (names.length < 2) return { name: names[0], names, asks: null };
  const name = chosen !== null && names.includes(chosen) ? chosen : undefined;
  return { name, names, asks: <Select label="Dataset" placeholder="several names point here" data={names} value={name ?? null} onChange={setChosen} /> };
}
