/** What the form of an order holds, and the body it becomes. */
import type { Schemas } from "../../api/ask";

type Number = number | string;

export interface Wish {
  name: string;
  selection: string;
  guideline: string;
  policy: string;
  looks: Number;
  model: string;
  minScore: Number;
  lotSize: Number;
  aql: Number;
  ltpd: Number;
  review: Number;
  honeypots: Number;
  annotators: string;
  reviewers: string;
  inTurns: boolean;
  reason: string;
  perHour: Number;
}

export const EMPTY: Wish = {
  name: "", selection: "", guideline: "", policy: "fixed", looks: 2, model: "", minScore: 0.3, lotSize: "", aql: 1, ltpd: 10, review: 0,
  honeypots: 0, annotators: "", reviewers: "", inTurns: false, reason: "", perHour: "",
};

export function namesIn(text: string): string[] {
  return [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
}

export function bodyOf(wish: Wish): Schemas["OrderGiven"] {
  const share = (percent: Number) => (typeof percent === "number" ? percent / 100 : 0);
  const inLots = typeof wish.lotSize === "number";
  return {
    name: wish.name.trim(),
    selection: wish.selection,
    guideline: wish.guideline,
    looks: wish.policy,
    looks_options: wish.policy === "adaptive" || typeof wish.looks !== "number" ? {} : { looks: wish.looks },
    consensus: "marks",
    model: wish.model,
    min_score: typeof wish.minScore === "number" ? wish.minScore : 0.3,
    prelabels: "",
    priority: "",
    lots: inLots ? { size: wish.lotSize as number, aql: share(wish.aql), ltpd: share(wish.ltpd) } : null,
    review_share: inLots ? 0 : share(wish.review),
    honeypot_share: share(wish.honeypots),
    annotators: namesIn(wish.annotators),
    reviewers: namesIn(wish.reviewers),
    in_turns: wish.inTurns && namesIn(wish.annotators).length > 0,
    seed: 0,
    reason: wish.reason.trim(),
  };
}
