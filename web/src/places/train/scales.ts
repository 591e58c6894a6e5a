/** Scales of plots: where a value lies, and at which values a line is drawn. */

export interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Even steps over what there is; a single value lies in the middle. */
export function linear(values: readonly number[], from: number, to: number, most = 5): Scale {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (!(high > low)) [low, high] = [low - (Math.abs(low) || 1) * 0.1, low + (Math.abs(low) || 1) * 0.1];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((one) => one * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return {
    at: (value) => from + ((to - from) * (value - low)) / (high - low),
    ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12))),
  };
}

/** As much for each doubling; lines at 1, 2, 5, 10 ..., fewer where there are many. */
export function logarithmic(values: readonly number[], from: number, to: number, most = 6): Scale {
  const known = values.filter((value) => value > 0);
  const inner = linear(known.map(Math.log10), from, to);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, i) => Math.floor(Math.log10(low)) + i);
  const within = (factors: readonly number[]) =>
    powers.flatMap((power) => factors.map((factor) => Number((factor * 10 ** power).toPrecision(3)))).filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  const some = [[1, 2, 5], [1, 3], [1]].map(within).find((ticks) => ticks.length > 0 && ticks.length <= most) ?? within([1]);
  return { at: (value) => inner.at(Math.log10(value)), ticks: some.length > 0 ? some : [low] };
}

/** Words or choices beside one another, each in the middle of its share. */
export function ordinal(count: number, from: number, to: number): Scale {
  return {
    at: (place) => from + ((to - from) * (place + 0.5)) / Math.max(count, 1),
    ticks: Array.from({ length: count }, (_, i) => i),
  };
}

/** The best value up to and with each place; null before the first. */
export function bestSoFar(values: readonly (number | null)[], smaller: boolean): (number | null)[] {
  let best: number | null = null;
  return values.map((value) => {
    if (value !== null && (best === null || (smaller ? value < best : value > best))) best = value;
    return best;
  });
}

/** A number in few digits: `0.0031`, `12`, `1e-5`. */
export function brief(value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5)) return String(Number(value.toPrecision(4)));
  return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
}
