/** Every recording, and the sources that were refused. */
import { Alert, Anchor, Badge, Group, ScrollArea, SegmentedControl, Stack, Table, Text, TextInput } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";

import { useRecordings } from "../../api/ask";
import { api, data } from "../../api/client";
import { count, duration, many, moment } from "../../parts/Figure";
import { Icon } from "../../parts/Icon";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { RecordingMap } from "./RecordingMap";
import { Synthetic } from "./Synthetic";

const MOST_SHOWN = 300;

export function Recordings() {
  const asked = useRecordings();
  const { find = "", view = "list" } = useSearch({ from: "/recordings" });
  const go = useNavigate();
  const checks = useFindings();
  const { worst, unchecked } = checks;
  const items = (asked.data?.items ?? []).filter((item) => item.id.includes(find) || item.vehicle.includes(find));
  const refused = asked.data?.refused ?? [];
  return (
    <Page
      title="Recordings"
      about={asked.data && `${many(asked.data.count, "recording")}, ${many(refused.length, "source")} refused`}
      cli={asked.data?.cli}
      json="/api/v1/recordings"
      aside={
        <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="list or map"
          data={[
            { value: "list", label: "List" },
            { value: "map", label: "Map" },
          ]}
          value={view}
          onChange={(value) => void go({ to: "/recordings", search: { find: find || undefined, view: value === "map" ? "map" : undefined }, replace: true })}
        />
        <TextInput
          aria-label="find a recording"
          placeholder="vehicle or name"
          leftSection={<Icon name="search" size={14} />}
          value={find}
          onChange={(event) =>
            void go({ to: "/recordings", search: { find: event.currentTarget.value || undefined, view: view === "map" ? "map" : undefined }, replace: true })
          }
        />
        </Group>
      }
    >
      {asked.isPending && <Waiting what="recordings" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && asked.data.count === 0 && <Nothing title="No recordings yet" command="ringroad ingest PATH --in-place" />}
      {asked.data && asked.data.count > 0 && items.length === 0 && <Nothing title={`None is called ${find}`} />}
      {checks.counts && <Report counts={checks.counts} unchecked={checks.unchecked.size} />}
      {view === "map" && items.length > 0 && <RecordingMap shown={new Set(items.map((item) => item.id))} />}
      {view !== "map" && items.length > 0 && (
        <ScrollArea>
          <Table striped highlightOnHover miw={760} aria-label="recordings">
            <Table.Thead>
              <Table.Tr>
                {["Recording", "Began (UTC)", "Length", "Frames", "Container", "Clock", "Findings", ""].map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.slice(0, MOST_SHOWN).map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>
                    <Group gap={6}>
                      <Anchor component={Link} to={`/recording/${item.id}`} size="sm" fw={600} className="break">
                        {item.id}
                      </Anchor>
                      {item.synthetic && <Synthetic />}
                      {item.salvaged && (
                        <Badge size="xs" color="orange" variant="light" title={item.salvaged}>
                          salvaged
                        </Badge>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td className="figure">{moment(item.start_ns)}</Table.Td>
                  <Table.Td className="figure">{duration(item.duration_ns)}</Table.Td>
                  <Table.Td className="figure">{count(item.frames)}</Table.Td>
                  <Table.Td>{item.container}</Table.Td>
                  <Table.Td>{item.clock}</Table.Td>
                  <Table.Td>{worst[item.id] ? <Findings counts={worst[item.id] ?? {}} /> : <Text size="xs" c="dimmed">{unchecked.has(item.id) ? "not checked" : "none"}</Text>}</Table.Td>
                  <Table.Td>
                    <LineageButton id={item.id} label="" />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {items.length > MOST_SHOWN && (
            <Text size="sm" c="dimmed" mt="xs">
              The first {MOST_SHOWN} of {count(items.length)}: say more of the name.
            </Text>
          )}
        </ScrollArea>
      )}
      {refused.length > 0 && (
        <Alert color="orange" title={`${many(refused.length, "source")} could not be taken in`}>
          <Stack gap={6}>
            {refused.map((item) => (
              <Text key={item.uri} size="sm" className="break">
                <span className="mono">{item.uri}</span>: {item.reason}
                {item.remedy && (
                  <Text span c="dimmed">
                    {" "}
                    ({item.remedy})
                  </Text>
                )}
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
    </Page>
  );
}

type Counts = Record<string, number>;

/** Recording -> severity -> findings, and recordings that nobody checked. */
function useFindings(): { worst: Record<string, Counts>; unchecked: Set<string>; counts: Counts | undefined } {
  const asked = useQuery({
    queryKey: ["checks", "all"],
    queryFn: () => data(api.GET("/api/v1/checks", { params: { query: { limit: 1000, severity: "warning" } } })),
  });
  const found: Record<string, Counts> = {};
  for (const row of (asked.data?.items ?? []) as { recording_id: string; severity: string }[]) {
    const held = (found[row.recording_id] ??= {});
    held[row.severity] = (held[row.severity] ?? 0) + 1;
  }
  return { worst: found, unchecked: new Set(asked.data?.missing ?? []), counts: asked.data?.counts };
}

/** What the checks found when these came in. */
function Report({ counts, unchecked }: { counts: Counts; unchecked: number }) {
  return (
    <Group gap="xs" role="group" aria-label="ingest report">
      <Text size="sm" c="dimmed">
        Checks
      </Text>
      {counts.error ? <Badge color="red" variant="light">{many(counts.error, "error")}</Badge> : null}
      {counts.warning ? <Badge color="orange" variant="light">{many(counts.warning, "warning")}</Badge> : null}
      {!counts.error && !counts.warning && <Text size="sm">{unchecked ? "" : "nothing wrong"}</Text>}
      {unchecked > 0 && (
        <Text size="sm">
          {many(unchecked, "recording")} not checked: <code>ringroad recordings checks</code>
        </Text>
      )}
    </Group>
  );
}

function Findings({ counts }: { counts: Counts }) {
  return (
    <Group gap={4}>
      {counts.error && (
        <Badge size="xs" color="red" variant="light">
          {many(counts.error, "error")}
        </Badge>
      )}
      {counts.warning && (
        <Badge size="xs" color="orange" variant="light">
          {many(counts.warning, "warning")}
        </Badge>
      )}
    </Group>
  );
}
