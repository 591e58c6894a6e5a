/** Pictures of frames, decoded before they are shown: what is near in time is fetched first. */
import { picture } from "../../api/ask";

const HELD = 240;
const AT_ONCE = 4;

type Form = "proxy" | "recorded";

class Pictures {
  private held = new Map<string, Promise<HTMLImageElement>>();
  private ready = new Map<string, HTMLImageElement>();
  private wanted: string[] = [];
  private busy = 0;

  /** At once where it is decoded already. */
  have(frame: string, form: Form): HTMLImageElement | undefined {
    return this.ready.get(address(frame, form));
  }

  get(frame: string, form: Form): Promise<HTMLImageElement> {
    return this.load(address(frame, form));
  }

  /** Fetch these when nothing else is asked for; what was wanted before is forgotten. */
  near(frames: readonly string[], form: Form): void {
    this.wanted = frames.map((frame) => address(frame, form)).filter((url) => !this.held.has(url));
    this.go();
  }

  private go(): void {
    while (this.busy < AT_ONCE) {
      const url = this.wanted.shift();
      if (url === undefined) return;
      this.busy += 1;
      void this.load(url)
        .catch(() => undefined)
        .finally(() => {
          this.busy -= 1;
          this.go();
        });
    }
  }

  private load(url: string): Promise<HTMLImageElement> {
    const known = this.held.get(url);
    if (known) {
      this.held.delete(url);
      this.held.set(url, known);
      return known;
    }
    const image = new Image();
    image.src = url;
    const made = image.decode().then(() => {
      this.ready.set(url, image);
      return image;
    });
    made.catch(() => this.held.delete(url));
    this.held.set(url, made);
    for (const old of this.held.keys()) {
      if (this.held.size <= HELD) break;
      this.held.delete(old);
      this.ready.delete(old);
    }
    return made;
  }
}

function address(frame: string, form: Form): string {
  return form === "proxy" ? picture(frame, "proxy") : picture(frame, "recorded", 1280);
}

export const pictures = new Pictures();
