/** A sweep as the server packs it: seven bytes a point. */
export interface Sweep {
  count: number;
  /** Points of the whole sweep. */
  whole: number;
  /** Centimetres. */
  x: Int16Array;
  y: Int16Array;
  z: Int16Array;
  strength: Uint8Array;
}

export function unpacked(data: ArrayBuffer): Sweep {
  const head = new DataView(data);
  if (data.byteLength < 12 || head.getUint32(0) !== 0x52525031) throw new Error("these are no points");
  const count = head.getUint32(4, true);
  if (data.byteLength !== 12 + 7 * count) throw new Error("the points are cut short");
  const axis = (at: number) => new Int16Array(data, 12 + 2 * at * count, count);
  return {
    count,
    whole: head.getUint32(8, true),
    x: axis(0),
    y: axis(1),
    z: axis(2),
    strength: new Uint8Array(data, 12 + 6 * count, count),
  };
}

/** Colour of a share between 0 and 1: near is warm, far is cold. */
export function shade(share: number): string {
  return `hsl(${Math.round(20 + 220 * Math.min(1, Math.max(0, share)))} 90% 58%)`;
}
