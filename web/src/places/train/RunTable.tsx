/** Training runs in rows, of which only those in sight are in the page; sorted by any column. */
import { Anchor, Badge, Box, Checkbox, Text, UnstyledButton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";

import { Figure, moment } from "../../parts/Figure";
import { type Run, called } from "./ask";
import type { Value } from "./columns";

const ROW = 36;

export interface Row {
  run: Run;
  values: Record<string, Value>;
}

interface Props {
  rows: readonly Row[];
  columns: readonly string[];
  order: string;
  down: boolean;
  onOrder: (column: string) => void;
  ticked: readonly string[];
  onTick: (id: string) => void;
}

export function RunTable({ rows, columns, order, down, onOrder, ticked, onTick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  const widths = ["26px", "minmax(130px, 1.4fr)", "136px", "60px", ...columns.map((name) => (name === "dataset" ? "100px" : "minmax(72px, 1fr)")), "70px", "128px"];
  const grid = { display: "grid", gridTemplateColumns: widths.join(" "), columnGap: 10, alignItems: "center", minWidth: 26 + 130 + 136 + 60 + 198 + columns.length * 86 + (columns.length + 6) * 10 } as const;
  const head: [string, string][] = [["name", "Run"], ["headline", "AP50, all"], ["loss", "Loss"], ...columns.map((name): [string, string] => [name, name.replace("network.", "").replaceAll("_", " ")]), ["seconds", "Took"], ["started_ns", "Began (UTC)"]];
  return (
    <Box ref={box} role="table" aria-label="training runs" aria-rowcount={rows.length + 1} tabIndex={0} style={{ overflow: "auto", maxHeight: 520, border: "1px solid var(--mantine-color-default-border)", borderRadius: 6 }}>
      <div role="row" style={{ ...grid, position: "sticky", top: 0, zIndex: 2, height: 40, background: "var(--mantine-color-body)", borderBottom: "1px solid var(--mantine-color-default-border)", padding: "0 8px" }}>
        <span role="columnheader">
          <span className="skip">compare</span>
        </span>
        {head.map(([name, label]) => (
          <span key={name} role="columnheader" aria-sort={order === name ? (down ? "descending" : "ascending") : "none"}>
            <UnstyledButton onClick={() => onOrder(name)} aria-label={`sort by ${label}`} title={name} style={{ maxWidth: "100%" }}>
              <Text size="xs" fw={700} truncate>
                {label} {order === name ? (down ? "↓" : "↑") : ""}
              </Text>
            </UnstyledButton>
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: view.getTotalSize(), position: "relative" }}>
        {view.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const on = ticked.includes(row.run.id);
          return (
            <div key={row.run.id} role="row" aria-rowindex={item.index + 2} style={{ ...grid, position: "absolute", top: item.start, left: 0, right: 0, height: ROW, padding: "0 8px", background: on ? "var(--mantine-primary-color-light)" : undefined, borderBottom: "1px solid var(--mantine-color-default-border)" }}>
              <span role="cell">
                <Checkbox size="xs" checked={on} onChange={() => onTick(row.run.id)} aria-label={`compare ${called(row.run)}`} />
              </span>
              <span role="cell" style={{ overflow: "hidden", whiteSpace: "nowrap" }}>
                <Anchor renderRoot={(props) => <Link to="/train/compare" search={{ runs: row.run.id }} {...props} />} size="sm" className={row.run.names.length ? "" : "mono"}>
                  {called(row.run)}
                </Anchor>{" "}
                {row.run.names.length > 1 && (
                  <Badge size="xs" variant="light" tt="none">
                    +{row.run.names.length - 1}
                  </Badge>
                )}
              </span>
              <span role="cell">{row.run.headline ? <Figure of={row.run.headline} digits={2} /> : <Text span size="xs" c="dimmed">not evaluated</Text>}</span>
              <span role="cell" className="figure" style={{ fontSize: 14 }}>
                {row.run.loss === null || row.run.loss === undefined ? "" : row.run.loss.toPrecision(3)}
              </span>
              {columns.map((name) => (
                <span role="cell" key={name} className={name === "dataset" ? "mono" : "figure"} title={String(row.values[name] ?? "")} style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", fontSize: 14 }}>
                  {name === "dataset" ? String(row.values[name] ?? "").slice(8, 18) : String(row.values[name] ?? "")}
                </span>
              ))}
              <span role="cell" className="figure" style={{ fontSize: 14 }}>
                {row.run.seconds.toFixed(1)} s
              </span>
              <span role="cell" className="figure" style={{ fontSize: 14, whiteSpace: "nowrap" }}>
                {moment(row.run.started_ns).slice(0, 16)}
              </span>
            </div>
          );
        })}
      </div>
    </Box>
  );
}
