/** Place of the frame nearest in time; frames are in order. */
export function nearest(frames: { time_ns: number }[], ns: number): number {
  let low = 0;
  let high = frames.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.time_ns ?? 0) < ns) low = middle + 1;
    else high = middle;
  }
  const before = frames[low - 1];
  const here = frames[low];
  if (before && here && ns - before.time_ns < here.time_ns - ns) return low - 1;
  return low;
}
