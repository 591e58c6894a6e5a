/** `/label/quality`: how far labels can be trusted, who errs how, and where looks differ most. */
import { Alert, Badge, Card, Group, NativeSelect, SegmentedControl, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { Problem } from "../../api/client";
import { count, Figure } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Costs } from "./Costs";
import { DisputedPicture } from "./DisputedPicture";
import { useMay, useOrders, useQuality } from "./ask";
import { frameName } from "./names";
import "./label.css";

type Told = Schemas["LabelQualityTold"];
type Person = Schemas["Person"];

export function Quality() {
  const { on = "" } = useSearch({ from: "/label/quality" });
  const go = useNavigate();
  const { who, may } = useMay();
  const orders = useOrders();
  const asked = useQuality(on, may("show_label_quality"));
  if (!who) return <Waiting what="who is here" />;
  if (!may("show_label_quality"))
    return <Nothing title="Quality is for reviewers">Annotators have names here, and looks are blind to those who draw.</Nothing>;
  const once = asked.error instanceof Problem && asked.error.code === "input";
  return (
    <Page
      title="Label quality"
      about={asked.data && `${count(asked.data.frames)} frames with two looks or more; intervals of 95 % over ${count(asked.data.units)} units, a unit is a ${asked.data.unit}`}
      aside={
        <NativeSelect
          size="xs"
          label="Of"
          data={[{ value: "", label: "all labelling" }, ...(orders.data?.items ?? []).map((order) => order.name)]}
          value={on}
          onChange={(event) => void go({ to: "/label/quality", search: { on: event.currentTarget.value || undefined } })}
        />
      }
      cli={asked.data?.cli}
      json={`/api/v1/labelling/quality${on ? `?on=${encodeURIComponent(on)}` : ""}`}
    >
      {asked.isPending && <Waiting what="quality" />}
      {once && (
        <Nothing title="No frame was looked at twice" command="ringroad labels order NAME --on SELECTION --looks 2">
          Agreement is told once two annotators answered the same frame, blind to one another.
        </Nothing>
      )}
      {asked.error && !once && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Figures of={asked.data} />}
      {may("list_label_costs") && <Costs order={on} level={2} />}
    </Page>
  );
}

function Figures({ of }: { of: Told }) {
  return (
    <>
      {(of.synthetic || of.simulated) && (
        <Group gap="xs">
          {of.synthetic && <Badge variant="light" color="orange" tt="none">synthetic recordings</Badge>}
          {of.simulated && <Badge variant="light" color="orange" tt="none">simulated annotators</Badge>}
        </Group>
      )}
      <Agreement of={of} />
      <People of={of.people} />
      <Confusion of={of.people} />
      <Worst of={of.worst} />
      <Disagreements of={of} />
    </>
  );
}

function Agreement({ of }: { of: Told }) {
  return (
    <div>
      <Title order={2} size="h5" mb={4}>Agreement</Title>
      <Table aria-label="agreement" verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Figure</Table.Th>
            <Table.Th>Value, 95 %</Table.Th>
            <Table.Th ta="right">Over</Table.Th>
            <Table.Th>What it says</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.agreement.map((bar) => (
            <Table.Tr key={bar.name}>
              <Table.Td>{bar.name}</Table.Td>
              <Table.Td><Figure of={bar} /></Table.Td>
              <Table.Td className="figure" ta="right">{count(bar.counted)}</Table.Td>
              <Table.Td><Text size="xs" c="dimmed">{bar.what}</Text></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function People({ of }: { of: readonly Person[] }) {
  return (
    <div>
      <Title order={2} size="h5" mb={4}>Annotators</Title>
      <Table.ScrollContainer minWidth={760} type="native" tabIndex={0} role="region" aria-label="table of annotators">
        <Table aria-label="annotators" verticalSpacing={3}>
          <Table.Thead>
            <Table.Tr>
              {["Annotator", "Looks", "Boxes", "Seen of what there is", "Right category", "Invented per look", "Mean IoU", "Against gold", ""].map((name, i) => (
                <Table.Th key={i}>{name || <span className="label-quiet">remarks</span>}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.map((person) => (
              <Table.Tr key={person.name} className="figure">
                <Table.Td style={{ whiteSpace: "nowrap" }}>{person.name}</Table.Td>
                <Table.Td>{count(person.looks)}</Table.Td>
                <Table.Td>{count(person.marks)}</Table.Td>
                <Table.Td><Figure of={person.seen} /></Table.Td>
                <Table.Td><Figure of={person.right} /></Table.Td>
                <Table.Td>{person.invented_per_look.toFixed(3)}</Table.Td>
                <Table.Td>{person.mean_iou === null ? "–" : person.mean_iou.toFixed(3)}</Table.Td>
                <Table.Td>{person.gold ? <Figure of={person.gold} /> : "–"}</Table.Td>
                <Table.Td>
                  {person.few && <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>little known</Text>}
                  {person.drifts && <Badge size="xs" variant="light" color="orange" tt="none">drifts</Badge>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        Worked out from the answers alone (Dawid and Skene). A rate marked little known is no ground to judge anybody.
      </Text>
    </div>
  );
}

/** What there is against what somebody says; shades repeat the numbers. */
function Confusion({ of }: { of: readonly Person[] }) {
  const [name, setName] = useState(of[0]?.name ?? "");
  const person = of.find((one) => one.name === name) ?? of[0];
  if (!person) return null;
  const rows = Object.keys(person.confusion);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(person.confusion[row] ?? {})))];
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Title order={2} size="h5">Confusion</Title>
        {of.length <= 6 ? (
          <SegmentedControl size="xs" aria-label="whose confusion" data={of.map((one) => one.name)} value={person.name} onChange={setName} />
        ) : (
          <NativeSelect size="xs" aria-label="whose confusion" data={of.map((one) => one.name)} value={person.name} onChange={(event) => setName(event.currentTarget.value)} />
        )}
      </Group>
      <Table.ScrollContainer minWidth={480} type="native" tabIndex={0} role="region" aria-label="table of confusion">
        <Table aria-label={`confusion of ${person.name}`} withColumnBorders verticalSpacing={2} w="auto">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>there is, is called</Table.Th>
              {columns.map((column) => <Table.Th key={column} ta="right">{column}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row} className="figure">
                <Table.Th scope="row">{row}</Table.Th>
                {columns.map((column) => {
                  const share = person.confusion[row]?.[column] ?? 0;
                  const colour = row === column ? "18, 184, 134" : "232, 89, 12";
                  return (
                    <Table.Td key={column} ta="right" style={{ background: `rgba(${colour}, ${0.32 * share})` }}>
                      {share < 0.0005 ? "–" : share.toFixed(3)}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

function Worst({ of }: { of: Told["worst"] }) {
  if (of.length === 0) return <Alert color="green" title="All looks agree" />;
  return (
    <div>
      <Title order={2} size="h5" mb={4}>Where looks differ most</Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {of.map((item) => (
          <Card key={item.frame} withBorder p="xs">
            <DisputedPicture of={item} />
          </Card>
        ))}
      </SimpleGrid>
    </div>
  );
}

const SHOWN = 24;

function Disagreements({ of }: { of: Told }) {
  const kinds = Object.entries(of.kinds);
  if (kinds.length === 0) return null;
  return (
    <Stack gap={4}>
      <Title order={2} size="h5">Disagreements</Title>
      <Text size="sm" className="figure">{kinds.map(([kind, number]) => `${count(number)} of ${kind.replaceAll("_", " ")}`).join(", ")}</Text>
      <Table.ScrollContainer minWidth={640} type="native" tabIndex={0} role="region" aria-label="table of disagreements">
        <Table aria-label="disagreements" verticalSpacing={2}>
          <Table.Thead>
            <Table.Tr>
              {["Frame", "Of", "Said", "Stands", "By"].map((name) => <Table.Th key={name}>{name}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.disagreements.slice(0, SHOWN).map((row, i) => (
              <Table.Tr key={i}>
                <Table.Td>{frameName(row.frame)}</Table.Td>
                <Table.Td>{row.kind.replaceAll("_", " ")}</Table.Td>
                <Table.Td>{Object.entries(row.said).map(([who, what]) => `${who}: ${what || "nothing"}`).join(", ")}</Table.Td>
                <Table.Td>{row.decided || "nothing"}</Table.Td>
                <Table.Td>{row.by}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
