/** Trials of a study as points: in their order, and against each parameter that was searched. */
import { Card, SimpleGrid, Text, Title } from "@mantine/core";
import { useId } from "react";

import { useSize } from "../../parts/useSize";
import type { Search, StudyTold, Trial } from "./ask";
import { type Scale, bestSoFar, brief, linear, logarithmic, ordinal } from "./scales";

const LEFT = 52;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;

interface Point {
  x: number;
  trial: Trial;
}

export function TrialPlots({ of }: { of: StudyTold }) {
  const { study, trials } = of;
  const known = trials.filter((trial) => figureOf(trial) !== null);
  if (known.length === 0) return null;
  const influence = new Map(of.influences.map((one) => [one.parameter, one]));
  return (
    <>
      <Card withBorder>
        <Title order={2} size="h5">
          {study.metric} by trial
        </Title>
        <History trials={trials} smaller={study.direction === "minimise"} label={`${study.metric} of each of ${trials.length} trials, with its interval, and the best so far`} />
        <Text size="xs" c="dimmed">
          A bar is the {Math.round((known[0]?.kpi?.confidence ?? 0.95) * 100)} % interval over units of the validation rows; the line is the best so far; a cross is a trial that failed. The best of many looks better than it is.
        </Text>
      </Card>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {study.searched.map((name) => (
          <Card key={name} withBorder>
            <Title order={2} size="h5">
              {study.metric} against {name.replaceAll("_", " ")}
            </Title>
            <Slice name={name} search={of.search[name]} trials={trials} metric={study.metric} />
            <Text size="xs" c="dimmed">
              {said(influence.get(name))}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </>
  );
}

function History({ trials, smaller, label }: { trials: readonly Trial[]; smaller: boolean; label: string }) {
  const { ref, width } = useSize<HTMLDivElement>();
  const last = trials.length - 1;
  const x = linear([0, Math.max(last, 1)], LEFT + 8, width - RIGHT - 8, 10);
  const best = bestSoFar(trials.map(figureOf), smaller);
  return (
    <div ref={ref}>
      {width > 80 && (
        <Plot width={width} height={240} label={label} trials={trials} x={{ at: x.at, ticks: x.ticks.filter((tick) => Number.isInteger(tick) && tick <= last) }} name={String} points={trials.map((trial, at) => ({ x: x.at(at), trial }))} under="trial">
          {(y) => (
            <polyline
              points={best.flatMap((value, at) => (value === null ? [] : [...(at > 0 && best[at - 1] != null ? [`${x.at(at)},${y.at(best[at - 1] ?? 0)}`] : []), `${x.at(at)},${y.at(value)}`])).join(" ")}
              fill="none"
              stroke="var(--mantine-color-orange-6)"
              strokeWidth="1.5"
            />
          )}
        </Plot>
      )}
    </div>
  );
}

function Slice({ name, search, trials, metric }: { name: string; search: Search | undefined; trials: readonly Trial[]; metric: string }) {
  const { ref, width } = useSize<HTMLDivElement>();
  const choices = search?.choices ?? [];
  const [from, to] = [LEFT + 8, Math.max(width - RIGHT - 8, LEFT + 9)];
  const numbers = trials.map((trial) => trial.parameters[name]).filter((value): value is number => typeof value === "number");
  const ends = [search?.low, search?.high].filter((value): value is number => typeof value === "number");
  const scale = choices.length > 0 ? ordinal(choices.length, from, to) : (search?.log ? logarithmic : linear)([...ends, ...numbers], from, to);
  const place = (value: unknown) => (choices.length > 0 ? choices.findIndex((one) => one === value) : Number(value));
  return (
    <div ref={ref}>
      {width > 80 && (
        <Plot
          width={width}
          height={200}
          label={`${metric} of each trial against ${name}${search?.log ? ", on a logarithmic axis" : ""}`}
          trials={trials}
          x={scale}
          name={(tick) => brief(choices.length > 0 ? choices[tick] : tick)}
          points={trials.map((trial) => ({ x: scale.at(place(trial.parameters[name])), trial }))}
          under={`${name.replaceAll("_", " ")}${search?.log ? ", logarithmic" : ""}`}
        />
      )}
    </div>
  );
}

interface Plotted {
  width: number;
  height: number;
  label: string;
  trials: readonly Trial[];
  x: Scale;
  name: (tick: number) => string;
  points: readonly Point[];
  under: string;
  children?: (y: Scale) => React.ReactNode;
}

function Plot({ width, height, label, trials, x, name, points, under, children }: Plotted) {
  const title = useId();
  const values = trials.flatMap((trial) => [trial.kpi?.value, trial.kpi?.low, trial.kpi?.high]).filter((value): value is number => typeof value === "number");
  const y = linear(values, height - BOTTOM - 22, TOP + 4);
  const foot = height - BOTTOM;
  return (
    <svg width={width} height={height} role="img" aria-labelledby={title}>
      <title id={title}>{label}</title>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={width - RIGHT} y1={y.at(tick)} y2={y.at(tick)} stroke="var(--mantine-color-default-border)" />
          <text x={LEFT - 6} y={y.at(tick) + 4} textAnchor="end" fontSize="11" fill="currentColor">
            {brief(tick)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line x1={x.at(tick)} x2={x.at(tick)} y1={foot} y2={foot + 4} stroke="currentColor" />
          <text x={x.at(tick)} y={foot + 16} textAnchor="middle" fontSize="11" fill="currentColor">
            {name(tick)}
          </text>
        </g>
      ))}
      <text x={(LEFT + width - RIGHT) / 2} y={height - 3} textAnchor="middle" fontSize="11" fill="currentColor">
        {under}
      </text>
      {children?.(y)}
      {points.map((point) => (
        <Mark key={point.trial.number} of={point} y={y} foot={foot} />
      ))}
    </svg>
  );
}

function Mark({ of: { x, trial }, y, foot }: { of: Point; y: Scale; foot: number }) {
  const value = figureOf(trial);
  const { low, high } = trial.kpi ?? {};
  if (trial.state === "failed") {
    return (
      <path d={`M${x - 4},${foot - 10}l8,8m0,-8l-8,8`} stroke="var(--mantine-color-red-6)" strokeWidth="2">
        <title>{`trial ${trial.number} failed: ${trial.reason}`}</title>
      </path>
    );
  }
  if (value === null) return null;
  return (
    <g>
      <title>{`trial ${trial.number}: ${value.toFixed(3)}`}</title>
      {low != null && high != null && <line x1={x} x2={x} y1={y.at(low)} y2={y.at(high)} stroke="var(--mantine-primary-color-filled)" strokeWidth="4" opacity="0.5" strokeLinecap="round" />}
      <circle cx={x} cy={y.at(value)} r="4" fill="var(--mantine-primary-color-filled)" />
    </g>
  );
}

function figureOf(trial: Trial): number | null {
  return trial.kpi?.value ?? null;
}

function said(influence: StudyTold["influences"][number] | undefined): string {
  if (!influence) return "";
  if (influence.correlation === null || influence.correlation === undefined) return `No rank correlation over ${influence.trials} trials: too few of them, no order, or all alike.`;
  return `Rank correlation ${influence.correlation > 0 ? "+" : ""}${influence.correlation.toFixed(2)} over ${influence.trials} trials.`;
}
