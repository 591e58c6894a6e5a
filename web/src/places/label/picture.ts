/** A picture that is asked for before it is shown: its size as recorded, or why there is none. */
import { useCallback, useEffect, useState } from "react";

import { Problem } from "../../api/client";
import type { Size } from "./marks";

interface Asked {
  of: string;
  size: Size | null;
  failed: Error | null;
}

export function usePicture(address: string): { size: Size | null; failed: Error | null; again: () => void } {
  const [asked, setAsked] = useState<Asked>({ of: "", size: null, failed: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    const told = (values: Partial<Asked>) => !gone && setAsked({ of: address, size: null, failed: null, ...values });
    const image = new Image();
    image.onload = () => told({ size: [image.naturalWidth, image.naturalHeight] });
    image.onerror = () => void reason(address).then((failed) => told({ failed }));
    image.src = address;
    return () => {
      gone = true;
    };
  }, [address, turn]);
  const again = useCallback(() => setTurn((was) => was + 1), []);
  const here = asked.of === address;
  return { size: here ? asked.size : null, failed: here ? asked.failed : null, again };
}

/** An image element does not say why it failed; the answer itself does. */
async function reason(address: string): Promise<Error> {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return new Problem(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>);
    return new Error("the picture cannot be shown");
  } catch (error) {
    return error as Error;
  }
}
