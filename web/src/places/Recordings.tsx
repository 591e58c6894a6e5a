/** The place of recordings: its list and map, and the mark of what the simulator made. */
export { Recordings } from "./recordings/Recordings";
export { Synthetic } from "./recordings/Synthetic";
