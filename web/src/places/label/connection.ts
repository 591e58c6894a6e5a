/** Whether the server answers: told by the browser, and by every request that did not arrive. */
import { useSyncExternalStore } from "react";

const PROBE_MS = 3000;

class Connection {
  private online = typeof navigator === "undefined" || navigator.onLine;
  private readonly listeners = new Set<() => void>();
  private probing: ReturnType<typeof setInterval> | null = null;

  readonly is = () => this.online;

  readonly listen = (listener: () => void) => {
    if (this.listeners.size === 0) {
      window.addEventListener("online", this.probe);
      window.addEventListener("offline", this.lost);
    }
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      window.removeEventListener("online", this.probe);
      window.removeEventListener("offline", this.lost);
      this.rest();
    };
  };

  readonly lost = () => {
    this.become(false);
    this.probing ??= setInterval(this.probe, PROBE_MS);
  };

  readonly found = () => {
    this.rest();
    this.become(true);
  };

  /** Any answer at all will do. */
  private readonly probe = () => {
    if (!navigator.onLine) return;
    fetch("/api/v1", { cache: "no-store" }).then(this.found, this.lost);
  };

  private rest(): void {
    if (this.probing !== null) clearInterval(this.probing);
    this.probing = null;
  }

  private become(online: boolean): void {
    if (online === this.online) return;
    this.online = online;
    for (const listener of this.listeners) listener();
  }
}

export const connection = new Connection();

export function useConnection(): boolean {
  return useSyncExternalStore(connection.listen, connection.is);
}

/** Whether a request did not arrive, as against being refused. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError;
}

/** What was asked, with the connection told of it. */
export async function reached<T>(asked: Promise<T>): Promise<T> {
  try {
    const found = await asked;
    connection.found();
    return found;
  } catch (error) {
    if (isUnreachable(error)) connection.lost();
    else connection.found();
    throw error;
  }
}
