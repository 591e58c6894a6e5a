/** What a version holds: splits, categories, sources with licences, coverage, and what it cannot say. */
import { Alert, Anchor, Badge, Card, Group, List, SimpleGrid, Table, Text, Title } from "@mantine/core";

import { count, many } from "../../parts/Figure";
import { Failed, Waiting } from "../../parts/States";
import { CountTable } from "./Bars";
import { type Card as Told, type Version, useCard } from "./ask";

const SHOWN = 24;

export function Composition({ of }: { of: Version }) {
  const asked = useCard(of.id);
  const at = `/api/v1/datasets/${encodeURIComponent(of.id)}/card`;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Card withBorder>
        <Title order={2} size="h5" mb="xs">
          Frames
        </Title>
        <CountTable title="Condition" of={of.splits} total="all" />
        <Claims of={of} />
      </Card>
      {asked.isPending && <Waiting what="data card" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Boxes of={asked.data} />}
      {asked.data && <Sources of={asked.data} />}
      {asked.data && <Coverage of={asked.data} />}
      {asked.data && (
        <Card withBorder>
          <Title order={2} size="h5">
            What these data cannot say
          </Title>
          <List size="sm" mt="xs" spacing={4}>
            {asked.data.limits.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
          <Group mt="sm">
            <Anchor size="sm" href={`${at}?form=html`} target="_blank" rel="noreferrer">
              Data card as a page
            </Anchor>
            <Anchor size="sm" href={`${at}?form=markdown`} target="_blank" rel="noreferrer">
              as Markdown
            </Anchor>
          </Group>
        </Card>
      )}
    </SimpleGrid>
  );
}

function Claims({ of }: { of: Version }) {
  const facts: [string, string][] = [
    ["annotated", of.header.categories.join(", ")],
    ["tasks", of.header.tasks.join(", ")],
    ["unit of splits", of.header.unit],
    ["found by", of.header.query || "nothing was noted"],
    ["content number", of.content.slice(0, 12)],
  ];
  return (
    <Table mt="sm" verticalSpacing={3} aria-label="what it claims">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={140}>{name}</Table.Th>
            <Table.Td className="break">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Boxes({ of }: { of: Told }) {
  const made = Object.entries(of.origins);
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        Annotations
      </Title>
      <CountTable title="Category" of={of.boxes} total="all" />
      <Text size="sm" mt="sm">
        Made by: {made.map(([who, number]) => `${who} ${count(number)}`).join(", ") || "nobody"}; {of.authors} {of.authors === 1 ? "author" : "authors"}.
        {Object.entries(of.empty).map(([split, number]) => ` ${count(number)} frames of ${split} were looked at and hold nothing.`)}
      </Text>
      {of.agreement.map(([batch, figures]) => (
        <Text key={batch} size="sm">
          Agreement in <span className="mono">{batch}</span>: {Object.entries(figures).map(([name, value]) => `${name.replaceAll("_", " ")} ${Number.isInteger(value) ? count(value) : value.toFixed(3)}`).join(", ")}
        </Text>
      ))}
    </Card>
  );
}

function Sources({ of }: { of: Told }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        Sources and licences
      </Title>
      <Table verticalSpacing={4} aria-label="sources and licences">
        <Table.Thead>
          <Table.Tr>
            {["Container", "Licence", "Vehicles", "Recordings", "Frames"].map((name, i) => (
              <Table.Th key={name} ta={i > 1 ? "right" : undefined}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.sources.map((source) => (
            <Table.Tr key={source.container + source.licence + String(source.synthetic)}>
              <Table.Td>
                {source.container}
                {source.synthetic ? ", synthetic" : ""}
              </Table.Td>
              <Table.Td>{source.licence}</Table.Td>
              {[source.vehicles, source.recordings, source.frames].map((value, i) => (
                <Table.Td key={i} ta="right" className="figure">
                  {count(value)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        Recordings state no licence: name them with datasets card --licences FILE.
      </Text>
      <Text size="sm" mt="xs">
        {Object.entries(of.units)
          .map(([split, number]) => `${split}: ${count(number)} units of ${count(of.recordings[split] ?? 0)} recordings`)
          .join("; ")}
        .
      </Text>
    </Card>
  );
}

function Coverage({ of }: { of: Told }) {
  if (of.uncovered) {
    return (
      <Alert color="gray" variant="outline" title="Coverage was not evaluated">
        {of.uncovered}
      </Alert>
    );
  }
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Title order={2} size="h5">
          Coverage of the operational domain
        </Title>
        <Text size="xs" c="dimmed">
          share of frames, 95 % interval over recordings
        </Text>
      </Group>
      <Table verticalSpacing={3} mt="xs" aria-label="coverage">
        <Table.Tbody>
          {of.coverage.slice(0, SHOWN).map((line) => (
            <Table.Tr key={line.cell}>
              <Table.Td>
                {line.cell}{" "}
                {line.covered ? null : (
                  <Badge size="xs" color="orange" variant="light" tt="none">
                    thin
                  </Badge>
                )}
              </Table.Td>
              <Table.Td ta="right" className="figure" style={{ whiteSpace: "nowrap" }}>
                {many(line.frames, "frame")}
              </Table.Td>
              <Table.Td ta="right" className="figure" style={{ whiteSpace: "nowrap" }}>
                {(100 * line.share).toFixed(1)} %{line.low !== null && line.high !== null ? ` [${(100 * line.low).toFixed(0)}, ${(100 * line.high).toFixed(0)}]` : ""}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {of.coverage.length > SHOWN && (
        <Text size="xs" c="dimmed">
          and {of.coverage.length - SHOWN} more cells, on the data card
        </Text>
      )}
    </Card>
  );
}
