/** Numbers as people read them: with unit, interval and the unit of resampling. */
import { Text, Tooltip } from "@mantine/core";

export interface Interval {
  value: number | null;
  low?: number | null;
  high?: number | null;
}

export function Figure({ of, digits = 3, unit, note }: { of: Interval; digits?: number; unit?: string; note?: string }) {
  if (of.value === null || of.value === undefined) {
    return (
      <Tooltip label={note ?? "It could not be computed"}>
        <Text span c="dimmed" size="sm">
          not evaluated
        </Text>
      </Tooltip>
    );
  }
  const span = of.low != null && of.high != null ? ` [${of.low.toFixed(digits)}, ${of.high.toFixed(digits)}]` : "";
  const text = (
    <Text span className="figure" size="sm">
      {of.value.toFixed(digits)}
      <Text span c="dimmed" size="xs">
        {span}
      </Text>
      {unit ? ` ${unit}` : ""}
    </Text>
  );
  return note ? <Tooltip label={note}>{text}</Tooltip> : text;
}

/** A share of the largest, as a bar beside its number. */
export function Bar({ share, colour = "var(--mantine-primary-color-filled)" }: { share: number; colour?: string }) {
  return <div aria-hidden style={{ height: 6, width: Math.round(160 * share), background: colour, borderRadius: 2 }} />;
}

const STEPS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(count: number): string {
  let at = 0;
  let value = count;
  while (value >= 1000 && at < STEPS.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${value < 10 && at > 0 ? value.toFixed(1) : Math.round(value)} ${STEPS[at]}`;
}

export function count(value: number): string {
  return value.toLocaleString("en-GB").replaceAll(",", "\u2009");
}

/** `1 source`, `2 sources`. */
export function many(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function duration(ns: number): string {
  const s = ns / 1e9;
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 120) return `${s.toFixed(1)} s`;
  if (s < 7200) return `${(s / 60).toFixed(1)} min`;
  return `${(s / 3600).toFixed(1)} h`;
}

/** Nanoseconds since 1970 in UTC; recordings without a clock begin near zero. */
export function moment(ns: number): string {
  if (ns < 1e15) return `+${(ns / 1e9).toFixed(2)} s`;
  return new Date(ns / 1e6).toISOString().replace("T", " ").slice(0, 19);
}
