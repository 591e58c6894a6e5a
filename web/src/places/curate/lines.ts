/** Which lines of a grid of any length are in view. Browsers end an element at about 33 million pixels. */
export const TALLEST = 8_000_000;

export interface Lay {
  columns: number;
  lines: number;
  /** Of one line with its gap. */
  tall: number;
  /** Of all lines. */
  whole: number;
  /** Of the element that is scrolled. */
  height: number;
}

export function laid(count: number, width: number, cell: number, gap: number, foot: number): Lay & { side: number } {
  const columns = Math.max(1, Math.floor((width + gap) / (cell + gap)));
  const side = (Math.max(width, cell) - gap * (columns - 1)) / columns;
  const tall = Math.round(side * 0.6) + foot + gap;
  const lines = Math.ceil(count / columns);
  const whole = lines * tall;
  return { columns, side, tall, lines, whole, height: Math.min(whole, TALLEST) };
}

/**
 * The place in the whole grid that a scrolled element shows. Small moves are pixel by pixel; large
 * ones, which only the scroll bar makes, are a share of the whole.
 */
export function followed(top: number, before: number, now: number, lay: Lay, shown: number): number {
  const room = Math.max(lay.whole - shown, 0);
  const most = Math.max(lay.height - shown, 1);
  if (lay.whole === lay.height) return Math.min(now, room);
  if (now <= 0) return 0;
  if (now >= most - 1) return room;
  const far = Math.abs(now - before) > 3 * shown;
  return Math.min(Math.max(far ? (now / most) * room : top + (now - before), 0), room);
}
