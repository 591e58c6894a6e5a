/** The eight places of the loop, in the order in which data travels. */
import type { IconName } from "../parts/Icon";

export interface Place {
  path: string;
  name: string;
  icon: IconName;
  key: string;
  about: string;
}

export const PLACES: Place[] = [
  { path: "/", name: "Loop", icon: "loop", key: "1", about: "What runs, what waits, what to do next" },
  { path: "/recordings", name: "Recordings", icon: "recordings", key: "2", about: "What came in, and what its checks say" },
  { path: "/curate", name: "Curate", icon: "curate", key: "3", about: "Find frames, keep selections" },
  { path: "/label", name: "Label", icon: "label", key: "4", about: "Draw, review, decide; orders, agreement and cost" },
  { path: "/datasets", name: "Datasets", icon: "datasets", key: "5", about: "Versions, and what changed between two" },
  { path: "/train", name: "Train", icon: "train", key: "6", about: "Training runs, studies, model versions" },
  { path: "/validate", name: "Validate", icon: "validate", key: "7", about: "KPIs by slice, gates" },
  { path: "/deploy", name: "Deploy", icon: "deploy", key: "8", about: "Plans, and what was measured of them" },
];

export const GEAR: Place = {
  path: "/gear", name: "Workspace", icon: "gear", key: "9", about: "Storage, long work, tokens, sessions, audit",
};
