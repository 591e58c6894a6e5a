/** An element, and how large it is now. */
import { type RefObject, useEffect, useRef, useState } from "react";

export function useSize<Part extends Element>(): { ref: RefObject<Part | null>; width: number; height: number } {
  const ref = useRef<Part | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const part = ref.current;
    if (!part) return;
    const seen = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    });
    seen.observe(part);
    return () => seen.disconnect();
  }, []);
  return { ref, ...size };
}
