/** What frames cover of the operational domain, pair by pair, and what to record next. */
import { Alert, Button, Card, CopyButton, Grid, Group, Select, Stack, Table, Text, Title } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment } from "react";

import { picture, type Schemas } from "../../api/ask";
import { count, many } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { useCoverage, useSelections } from "./ask";
import { percent } from "./Comparison";

type Told = Schemas["CoverageTold"];

interface Cell {
  cell: string;
  frames: number;
  recordings: number;
  effective_recordings: number;
  share: number;
  low: number | null;
  high: number | null;
  wanted: number;
  covered: boolean;
}

interface Gap {
  cell: string;
  frames: number;
  missing_frames: number;
  missing_hours: number | null;
  missing_recordings: number;
  share: number;
  wanted: number;
}

interface Hole {
  cell: string;
  share: number;
  reference: number;
  p: number;
  missing_frames: number;
  examples: string[];
}

export function Coverage() {
  const go = useNavigate();
  const { what = "all", against = "" } = useSearch({ from: "/curate" });
  const listed = useSelections();
  const names = ["all", ...(listed.data?.items ?? []).map((item) => item.name)];
  const asked = useCoverage(what, against);
  const set = (more: { what?: string | undefined; against?: string | undefined }) =>
    void go({ to: "/curate", search: { view: "coverage", what, against: against || undefined, ...more }, replace: true });
  return (
    <Stack gap="md">
      <Group align="flex-end">
        <Select size="xs" label="Frames of" data={[...new Set([...names, what])]} value={what} allowDeselect={false} searchable onChange={(value) => set({ what: value ?? "all" })} />
        <Select size="xs" label="Against" placeholder="nothing" data={[...new Set(names)]} value={against || null} clearable clearButtonProps={{ "aria-label": "against nothing" }} onChange={(value) => set({ against: value ?? undefined })} />
      </Group>
      {asked.isPending && <Waiting what="coverage" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Covered told={asked.data} />}
    </Stack>
  );
}

function Covered({ told }: { told: Told }) {
  const cells = new Map((told.cells as unknown as Cell[]).map((cell) => [cell.cell, cell]));
  const attributes = (told.attributes as unknown as { name: string; values: string[] }[]).filter(({ name, values }) => values.some((value) => cells.has(`${name}=${value}`)));
  const unknown = Object.entries(told.unknown).filter(([, share]) => share > 0);
  return (
    <Stack gap="md">
      <Text size="sm">
        {many(told.frames, "frame")} of {many(told.recordings, "recording")} cover {told.single.covered} of {told.single.of} cells and {told.pairs.covered} of {told.pairs.of} pairs.
        A cell is covered by three effective recordings.
      </Text>
      {unknown.length > 0 && (
        <Text size="sm" c="dimmed">
          Not known: {unknown.map(([name, share]) => `${name} of ${percent(share)}`).join(", ")} of the frames.
        </Text>
      )}
      {attributes.length > 0 && <Matrix attributes={attributes} cells={cells} />}
      {told.against && <Holes told={told} />}
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Gaps gaps={told.gaps as unknown as Gap[]} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Campaign told={told} />
        </Grid.Col>
      </Grid>
      <CommandLine text={told.cli} />
    </Stack>
  );
}

interface Attribute {
  name: string;
  values: string[];
}

/** Every value against every other; the diagonal holds single values. Darker holds more. */
function Matrix({ attributes, cells }: { attributes: Attribute[]; cells: Map<string, Cell> }) {
  const all = attributes.flatMap(({ name, values }) => values.map((value) => ({ name, value })));
  return (
    <div style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="coverage matrix">
      <table style={{ borderCollapse: "separate", borderSpacing: 2, fontSize: 12 }}>
        <thead>
          <tr>
            <td />
            {all.map(({ name, value }) => (
              <th key={name + value} scope="col" style={{ fontWeight: 500, padding: "2px 4px", textAlign: "center", minWidth: 64 }}>
                <Text size="xs" c="dimmed">
                  {name}
                </Text>
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((row, down) => (
            <tr key={row.name + row.value}>
              <th scope="row" style={{ fontWeight: 500, textAlign: "right", paddingRight: 8, whiteSpace: "nowrap" }}>
                <Text span size="xs" c="dimmed">
                  {row.name}{" "}
                </Text>
                {row.value}
              </th>
              {all.map((column, across) => (
                <Fragment key={column.name + column.value}>
                  {across > down || (row.name === column.name && across !== down) ? <td /> : <Square cell={across === down ? cells.get(`${row.name}=${row.value}`) : pairOf(cells, row, column)} />}
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Group gap="md" mt={4}>
        {(["covered", "thin", "missing"] as const).map((state) => (
          <Group key={state} gap={5}>
            <span aria-hidden style={{ width: 14, height: 14, borderRadius: 3, ...LOOK[state] }} />
            <Text size="xs">{state}</Text>
          </Group>
        ))}
      </Group>
    </div>
  );
}

const LOOK = {
  covered: { background: "var(--mantine-color-road-7)", color: "#fff", border: "1px solid var(--mantine-color-road-7)" },
  thin: { background: "var(--mantine-color-orange-light)", color: "var(--mantine-color-orange-light-color)", border: "1px solid var(--mantine-color-orange-6)" },
  missing: { background: "transparent", color: "var(--mantine-color-dimmed)", border: "1px dashed var(--mantine-color-dimmed)" },
} as const;

function pairOf(cells: Map<string, Cell>, one: { name: string; value: string }, other: { name: string; value: string }): Cell | undefined {
  const [first, second] = [`${one.name}=${one.value}`, `${other.name}=${other.value}`];
  return cells.get(`${first}, ${second}`) ?? cells.get(`${second}, ${first}`);
}

function Square({ cell }: { cell: Cell | undefined }) {
  if (!cell) return <td style={{ textAlign: "center", color: "var(--mantine-color-dimmed)" }} />;
  const state = cell.covered ? "covered" : cell.frames > 0 ? "thin" : "missing";
  const span = cell.low !== null && cell.high !== null ? ` (${percent(cell.low)} to ${percent(cell.high)})` : "";
  return (
    <td
      title={`${cell.cell}: ${percent(cell.share)}${span} of the frames, ${count(cell.frames)} frames, ${cell.effective_recordings.toFixed(1)} effective of ${cell.recordings} recordings`}
      style={{ ...LOOK[state], borderRadius: 3, textAlign: "center", padding: "4px 6px" }}
      className="figure"
    >
      {cell.frames > 0 ? percent(cell.share) : "none"}
    </td>
  );
}

function Gaps({ gaps }: { gaps: Gap[] }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        Missing, most first
      </Title>
      {gaps.length === 0 && <Text size="sm">Nothing is thin.</Text>}
      <Table verticalSpacing={3} aria-label="missing cells">
        <Table.Tbody>
          {gaps.slice(0, 14).map((gap) => (
            <Table.Tr key={gap.cell}>
              <Table.Td>{gap.cell}</Table.Td>
              <Table.Td className="figure">
                {percent(gap.share)} of {percent(gap.wanted)} wanted
              </Table.Td>
              <Table.Td className="figure" ta="right">
                {count(gap.missing_frames)} frames{gap.missing_hours !== null && gap.missing_hours >= 0.01 ? `, ${gap.missing_hours.toFixed(2)} h` : ""}, {many(gap.missing_recordings, "recording")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {gaps.length > 14 && (
        <Text size="xs" c="dimmed">
          and {gaps.length - 14} more
        </Text>
      )}
    </Card>
  );
}

function Campaign({ told }: { told: Told }) {
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          Campaign for it
        </Title>
        {told.campaign && (
          <CopyButton value={told.campaign}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="light" onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      {told.campaign ? (
        <pre className="mono" tabIndex={0} style={{ margin: 0, maxHeight: 260, overflow: "auto" }}>
          {told.campaign}
        </pre>
      ) : (
        <Text size="sm">No trigger asks for what is missing.</Text>
      )}
      {told.no_trigger_for.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          No trigger asks for {told.no_trigger_for.slice(0, 12).join("; ")}
          {told.no_trigger_for.length > 12 ? " ..." : ""}
        </Text>
      )}
    </Card>
  );
}

function Holes({ told }: { told: Told }) {
  const holes = told.holes as unknown as Hole[];
  if (holes.length === 0) return <Alert color="green" variant="light" title={`Nothing is lacking against ${told.against} beyond chance`} />;
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        Lacking against {told.against}
      </Title>
      <Table verticalSpacing={3} aria-label="lacking cells">
        <Table.Tbody>
          {holes.slice(0, 20).map((hole) => (
            <Table.Tr key={hole.cell}>
              <Table.Td className="break">{hole.cell}</Table.Td>
              <Table.Td className="figure">
                {percent(hole.share)} against {percent(hole.reference)}
              </Table.Td>
              <Table.Td className="figure">p {hole.p.toFixed(4)}</Table.Td>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  {hole.examples.map((frame) => (
                    <Link key={frame} to="/curate" search={{ like: frame }} aria-label={`frames like ${frame}`}>
                      <img src={picture(frame, "proxy", 160)} alt="" width={72} style={{ borderRadius: 3, display: "block" }} />
                    </Link>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
