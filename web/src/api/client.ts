/** Asks the API, and turns what went wrong into one kind of error. Types come from OpenAPI. */
import { QueryClient } from "@tanstack/react-query";
import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "./schema";

/** An RFC 9457 problem: what happened, and what to do next. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly requestId: string;

  constructor(status: number, body: Record<string, unknown>) {
    const text = (name: string, other = "") => (typeof body[name] === "string" ? (body[name] as string) : other);
    super(text("detail") || text("title") || `status ${status}`);
    this.status = status;
    this.code = text("code", "error");
    this.title = text("title", "This did not work");
    this.detail = text("detail");
    this.hint = text("hint");
    this.requestId = text("request_id");
  }
}

const refuse: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return response;
    const body = await response.json().catch(() => ({}));
    throw new Problem(response.status, body as Record<string, unknown>);
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(refuse);

/** The JSON of an answer; a refused one has thrown already. Bulk forms are never asked for here. */
export async function data<T>(asked: Promise<{ data?: T }>): Promise<Exclude<T, string>> {
  const found = await asked;
  if (found.data === undefined) throw new Problem(204, { title: "The answer is empty" });
  return found.data as Exclude<T, string>;
}

export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => !(error instanceof Problem) && failures < 3,
    },
  },
});

/** A key that lets a lost answer be asked for again without doing the work twice. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
