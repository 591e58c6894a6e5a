/** Whether a place lies inside a closed line (even-odd rule). */
export function inside(line: readonly (readonly [number, number])[], [x, y]: readonly [number, number]): boolean {
  let within = false;
  let before = line[line.length - 1];
  for (const here of line) {
    if (before && here[1] > y !== before[1] > y && x < ((before[0] - here[0]) * (y - here[1])) / (before[1] - here[1]) + here[0]) within = !within;
    before = here;
  }
  return within;
}
