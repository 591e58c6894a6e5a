/** Training runs as a table first: sorted, filtered, ticked to compare; models behind it. */
import { Button, Collapse, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { count, many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Curves } from "./Curves";
import { Models } from "./Models";
import { Pages } from "./Pages";
import { type Row, RunTable } from "./RunTable";
import { Start } from "./Start";
import { useRuns } from "./ask";
import { type Value, flat, holds, misread, ordered, rulesOf, telling } from "./columns";

const MOST = 8;
const MOST_COLUMNS = 8;

export function Train() {
  const { runs: ids = "", order = "started_ns", up, filter = "" } = useSearch({ from: "/train" });
  const go = useNavigate();
  const asked = useRuns();
  const [starting, { toggle: start }] = useDisclosure();
  const ticked = ids.split(",").filter(Boolean);
  const rows = useMemo<Row[]>(() => asked.items.map((run) => ({ run, values: flat(run) })), [asked.items]);
  const columns = useMemo(() => telling(rows.map((row) => row.values)), [rows]);
  const { rules, wrong } = useMemo(() => rulesOf(filter), [filter]);
  const told = useMemo(() => misread(rules, rows.map(named)), [rules, rows]);
  const shown = useMemo(() => ordered(rows.filter((row) => holds(named(row), rules)), (row) => named(row)[order] ?? null, !up), [rows, rules, order, up]);
  const look = (search: { runs?: string; order?: string; up?: boolean; filter?: string }) =>
    void go({ to: "/train", search: clean({ runs: ids, order, up, filter, ...search }), replace: true, resetScroll: false });
  const tick = (id: string) => look({ runs: (ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id].slice(-MOST)).join(",") });
  return (
    <Page
      title="Train"
      about={asked.count !== undefined && `${many(asked.count, "training run")}; tick up to ${MOST} to compare`}
      aside={
        <Group>
          <Pages at="/train" />
          <Button variant="light" onClick={start} aria-expanded={starting}>
            Start a training run
          </Button>
        </Group>
      }
      cli={asked.cli}
      json="/api/v1/training-runs"
    >
      <Collapse expanded={starting}>{starting && <Start />}</Collapse>
      {asked.isPending && <Waiting what="training runs" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.count === 0 && <Nothing title="Nothing was trained yet" command="ringroad train DATASET" />}
      {rows.length > 0 && (
        <Stack gap="xs">
          <Group justify="space-between" align="flex-end">
            <TextInput
              label="Filter"
              placeholder="epochs >= 20, network.channels = 16"
              w={420}
              defaultValue={filter}
              onChange={(event) => look({ filter: event.currentTarget.value })}
              error={wrong.length > 0 ? `Say COLUMN = VALUE, such as epochs >= 20; not read: ${wrong.join(", ")}` : told.length > 0 && told.join("; ")}
            />
            <Group gap="xs">
              <Text size="sm" c="dimmed" aria-live="polite">
                {count(shown.length)} of {count(asked.count ?? rows.length)} shown, {ticked.length} ticked
              </Text>
              <Button size="compact-md" variant="light" disabled={ticked.length < 2} onClick={() => void go({ to: "/train/compare", search: { runs: ids } })}>
                Compare {ticked.length > 1 ? ticked.length : ""}
              </Button>
            </Group>
          </Group>
          <RunTable rows={shown} columns={columns.slice(0, MOST_COLUMNS)} order={order} down={!up} onOrder={(column) => look({ order: column, up: column === order ? !up : false })} ticked={ticked} onTick={tick} />
          {columns.length > MOST_COLUMNS && (
            <Text size="xs" c="dimmed">
              They differ in {columns.slice(MOST_COLUMNS).join(", ")} too: filter by these, or compare.
            </Text>
          )}
        </Stack>
      )}
      {ticked.length > 0 && <Curves ids={ticked} />}
      {asked.count !== undefined && <Models />}
    </Page>
  );
}

/** All that a row may be filtered and sorted by. */
function named(row: Row): Record<string, Value> {
  const { run } = row;
  return { ...row.values, name: run.names[0] ?? run.id, headline: run.headline?.value ?? null, AP50: run.headline?.value ?? null, loss: run.loss ?? null, seconds: run.seconds, started_ns: run.started_ns };
}

interface Search {
  runs?: string | undefined;
  order?: string | undefined;
  up?: boolean | undefined;
  filter?: string | undefined;
}

/** An address says only what is not usual. */
function clean(search: Search): Search {
  return { runs: search.runs || undefined, order: search.order === "started_ns" ? undefined : search.order, up: search.up || undefined, filter: search.filter || undefined };
}
