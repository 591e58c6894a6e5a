/** The trials of a study in rows, the best first; sorted by any column. */
import { Anchor, Badge, Group, ScrollArea, Table, Text, UnstyledButton } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Figure } from "../../parts/Figure";
import { LineageButton, short } from "../../parts/Lineage";
import type { StudyTold, Trial } from "./ask";
import { ordered, type Value } from "./columns";
import { brief } from "./scales";

export function Trials({ of }: { of: StudyTold }) {
  const { study } = of;
  const { order = "value", up } = useSearch({ from: "/train/studies/$id" });
  const go = useNavigate();
  const smaller = study.direction === "minimise";
  const down = order === "value" ? smaller === Boolean(up) : !up;
  const rows = ordered(of.trials, (trial) => valueOf(trial, order), down);
  const heads: [string, string][] = [["number", "Trial"], ["value", study.metric], ...study.searched.map((name): [string, string] => [name, name.replaceAll("_", " ")]), ["seconds", "Took"]];
  const sort = (name: string) => void go({ to: "/train/studies/$id", params: { id: study.name }, search: { order: name === "value" ? undefined : name, up: (name === order && !up) || undefined }, replace: true, resetScroll: false });
  return (
    <ScrollArea>
      <Table aria-label="trials" verticalSpacing={4} miw={420 + 90 * heads.length}>
        <Table.Thead>
          <Table.Tr>
            {heads.map(([name, label]) => (
              <Table.Th key={name} aria-sort={order === name ? (down ? "descending" : "ascending") : "none"}>
                <UnstyledButton onClick={() => sort(name)} aria-label={`sort by ${label}`}>
                  <Text size="xs" fw={700}>
                    {label} {order === name ? (down ? "↓" : "↑") : ""}
                  </Text>
                </UnstyledButton>
              </Table.Th>
            ))}
            <Table.Th>
              <Text size="xs" fw={700}>
                Training run
              </Text>
            </Table.Th>
            <Table.Th>
              <Text size="xs" fw={700}>
                Model
              </Text>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((trial) => (
            <Row key={trial.number} trial={trial} searched={study.searched} best={trial.number === study.best?.number} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function Row({ trial, searched, best }: { trial: Trial; searched: readonly string[]; best: boolean }) {
  return (
    <Table.Tr>
      <Table.Td className="figure" style={{ whiteSpace: "nowrap" }}>
        {trial.number}{" "}
        {best && (
          <Badge size="xs" variant="light" tt="none" miw="max-content">
            best
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        {trial.kpi ? (
          <Figure of={trial.kpi} />
        ) : (
          <Text size="sm" c={trial.state === "failed" ? "red" : "dimmed"} className="break">
            {trial.state === "failed" ? `failed: ${trial.reason}` : "asked for, not ended"}
          </Text>
        )}
      </Table.Td>
      {searched.map((name) => (
        <Table.Td key={name} className="figure" title={String(trial.parameters[name] ?? "")}>
          {brief(trial.parameters[name] ?? "")}
        </Table.Td>
      ))}
      <Table.Td className="figure" style={{ whiteSpace: "nowrap" }}>{trial.seconds === null ? "" : `${trial.seconds.toFixed(1)} s`}</Table.Td>
      <Table.Td>
        {trial.started_ns !== null && (
          <Anchor renderRoot={(props) => <Link to="/train/compare" search={{ runs: trial.training }} {...props} />} size="sm" className="mono">
            {trial.training.slice(0, 10)}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>
        {trial.model && (
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" className="mono">
              {short(trial.model)}
            </Text>
            {trial.names.map((name) => (
              <Badge key={name} size="sm" variant="light" tt="none" style={{ flexShrink: 0 }}>
                {name}
              </Badge>
            ))}
            <LineageButton id={trial.model} />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function valueOf(trial: Trial, column: string): Value {
  if (column === "value") return trial.kpi?.value ?? null;
  if (column === "number") return trial.number;
  if (column === "seconds") return trial.seconds;
  return trial.parameters[column] ?? null;
}
