/** One recording: its cameras, signals, events and findings on one axis of time. */
import { Alert, Badge, Card, Grid, Group, MultiSelect, Select, Slider, Stack, Table, Tabs, Text } from "@mantine/core";
import { useHotkeys, useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";

import { picture, useFrames, useRecording } from "../api/ask";
import { api, data } from "../api/client";
import { Curve } from "../parts/Curve";
import { count, duration, moment } from "../parts/Figure";
import { LineageButton } from "../parts/Lineage";
import { Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";
import { nearest } from "../parts/nearest";
import { Synthetic } from "./Recordings";

interface Frame {
  frame_id: string;
  sequence: number;
  time_ns: number;
  width: number;
  height: number;
}

export function Inspector() {
  const id = useParams({ from: "/recording/$" })._splat ?? "";
  const asked = useRecording(id);
  if (asked.isPending) return <Waiting what="recording" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const held = asked.data.recording;
  const cameras = held.channels.filter((channel) => channel.sensor === "camera").map((channel) => channel.name);
  return (
    <Page
      title={id}
      about={
        <Group gap="sm">
          <span>{moment(held.start_ns)} UTC</span>
          <span>{duration(held.duration_ns)}</span>
          <span>{held.container}</span>
          <span>clock {held.clock}</span>
          <span className="break">{asked.data.location || "copied into the workspace"}</span>
          {held.synthetic && <Synthetic />}
        </Group>
      }
      aside={<LineageButton id={id} />}
      cli={asked.data.cli}
      json={`/api/v1/recordings/${id.split("/").map(encodeURIComponent).join("/")}`}
    >
      {held.salvaged && <Alert color="orange" title="Salvaged">{held.salvaged}</Alert>}
      {cameras.length === 0 ? (
        <Nothing title="It has no camera" />
      ) : (
        <Cameras recording={id} cameras={cameras} startNs={held.start_ns} />
      )}
      <Tabs defaultValue="events" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="events">Events</Tabs.Tab>
          <Tabs.Tab value="checks">Checks</Tabs.Tab>
          <Tabs.Tab value="channels">Channels</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="events" pt="sm">
          <Rows of="events" recording={id} startNs={held.start_ns} />
        </Tabs.Panel>
        <Tabs.Panel value="checks" pt="sm">
          <Rows of="checks" recording={id} startNs={held.start_ns} />
        </Tabs.Panel>
        <Tabs.Panel value="channels" pt="sm">
          <Table aria-label="channels">
            <Table.Thead>
              <Table.Tr>
                {["Channel", "Sensor", "Encoding", "Messages"].map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {held.channels.map((channel) => (
                <Table.Tr key={channel.name}>
                  <Table.Td>{channel.name}</Table.Td>
                  <Table.Td>{channel.sensor}</Table.Td>
                  <Table.Td>{channel.encoding}</Table.Td>
                  <Table.Td className="figure">{count(channel.messages)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Cameras({ recording, cameras, startNs }: { recording: string; cameras: string[]; startNs: number }) {
  const search = useSearch({ from: "/recording/$" });
  const go = useNavigate();
  const channel = search.channel && cameras.includes(search.channel) ? search.channel : (cameras[0] ?? "");
  const asked = useFrames(recording, channel);
  const frames = useMemo(
    () => (asked.data?.pages ?? []).flatMap((page) => page.items as unknown as Frame[]),
    [asked.data],
  );
  useEffect(() => {
    if (asked.hasNextPage && !asked.isFetchingNextPage) void asked.fetchNextPage();
  }, [asked]);
  const at = Math.min(Math.max(search.frame ?? 0, 0), Math.max(frames.length - 1, 0));
  const seek = (to: number) => {
    const next = Math.min(Math.max(to, 0), frames.length - 1);
    void go({ to: "/recording/$", params: { _splat: recording }, search: { channel: search.channel, frame: next }, replace: true });
  };
  const playing = useInterval(() => seek(at + 1), 100);
  useHotkeys([
    ["ArrowLeft", () => seek(at - 1)],
    ["ArrowRight", () => seek(at + 1)],
    ["shift+ArrowLeft", () => seek(at - 10)],
    ["shift+ArrowRight", () => seek(at + 10)],
    ["Space", playing.toggle],
  ]);
  const frame = frames[at];
  useEffect(() => {
    for (const near of [at + 1, at + 2, at - 1]) {
      const other = frames[near];
      if (other) new Image().src = picture(other.frame_id, "recorded", 960);
    }
  }, [at, frames]);
  if (asked.isPending) return <Waiting what="frames" />;
  if (asked.error) return <Failed error={asked.error} />;
  if (!frame) return <Nothing title="This camera has no frames" />;
  const seconds = (frame.time_ns - startNs) / 1e9;
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Card withBorder p="xs">
          <img
            src={picture(frame.frame_id, "recorded", 960)}
            alt={`frame ${frame.sequence} of ${channel}`}
            style={{ width: "100%", aspectRatio: `${frame.width} / ${frame.height}`, objectFit: "contain", background: "#000", borderRadius: 4 }}
          />
          <Slider
            mt="sm"
            min={0}
            max={Math.max(frames.length - 1, 1)}
            value={at}
            onChange={seek}
            label={null}
            thumbLabel="frame"
            aria-label="frame"
          />
          <Group justify="space-between" mt={6}>
            <Text size="sm" className="figure">
              frame {frame.sequence} of {count(frames.length)} · {seconds.toFixed(3)} s
            </Text>
            <Group gap="xs">
              {cameras.length > 1 && (
                <Select
                  size="xs"
                  aria-label="camera"
                  data={cameras}
                  value={channel}
                  allowDeselect={false}
                  onChange={(value) =>
                    void go({ to: "/recording/$", params: { _splat: recording }, search: { channel: value ?? undefined, frame: at } })
                  }
                />
              )}
              <LineageButton id={frame.frame_id} label="Frame" />
            </Group>
          </Group>
        </Card>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Signals recording={recording} at={seconds} onPick={(x) => seek(nearest(frames, startNs + x * 1e9))} />
      </Grid.Col>
    </Grid>
  );
}

function Signals({ recording, at, onPick }: { recording: string; at: number; onPick: (x: number) => void }) {
  const listed = useQuery({
    queryKey: ["signals", recording],
    queryFn: () => data(api.GET("/api/v1/signals", { params: { query: { recording } } })),
  });
  const [chosen, setChosen] = useState<string[] | null>(null);
  const known = [...new Set((listed.data?.signals ?? []).map((signal) => signal.name))].sort(
    (one, other) => wanted(one) - wanted(other) || one.localeCompare(other),
  );
  const names = chosen ?? known.slice(0, 3);
  const curves = useQuery({
    queryKey: ["curves", recording, names],
    enabled: names.length > 0,
    queryFn: () => data(api.GET("/api/v1/signals/curves", { params: { query: { recording, name: names, points: 1200 } } })),
  });
  if (listed.error) return <Failed error={listed.error} />;
  if (listed.data && known.length === 0) return <Nothing title="It has no signals" />;
  return (
    <Stack gap="xs">
      <MultiSelect
        size="xs"
        aria-label="signals"
        data={known}
        value={names}
        maxValues={6}
        searchable
        onChange={setChosen}
        nothingFoundMessage="no such signal"
      />
      {curves.error && <Failed error={curves.error} />}
      {(curves.data?.curves ?? []).map((curve) => (
        <SignalCurve key={`${curve.channel} ${curve.name}`} curve={curve} at={at} onPick={onPick} />
      ))}
    </Stack>
  );
}

const FIRST = ["speed", "accel", "steering", "yaw", "brake"];

/** Signals that tell most about driving come first. */
function wanted(name: string): number {
  const place = FIRST.findIndex((word) => name.toLowerCase().includes(word));
  return place < 0 ? FIRST.length : place;
}

interface SignalOf {
  channel: string;
  name: string;
  unit: string;
  seconds: number[];
  values: (number | null)[];
}

function SignalCurve({ curve, at, onPick }: { curve: SignalOf; at: number; onPick: (x: number) => void }) {
  const series = useMemo(() => [{ label: curve.name, values: curve.values }], [curve]);
  return (
    <div>
      <Text size="xs" c="dimmed">
        {curve.name} ({curve.unit || "no unit"}), {curve.channel}
      </Text>
      <Curve x={curve.seconds} series={series} unit={curve.unit} at={at} onPick={onPick} label={`${curve.name} over time`} />
    </div>
  );
}

interface Row {
  start_ns: number;
  end_ns: number;
  event?: string;
  check?: string;
  severity?: string;
  channel?: string;
  message: string;
  value: number;
  unit: string;
}

const COLOUR: Record<string, string> = { error: "red", warning: "orange", info: "gray" };

function Rows({ of, recording, startNs }: { of: "events" | "checks"; recording: string; startNs: number }) {
  const asked = useQuery({
    queryKey: [of, recording],
    queryFn: () =>
      of === "events"
        ? data(api.GET("/api/v1/events", { params: { query: { recording, limit: 500 } } }))
        : data(api.GET("/api/v1/checks", { params: { query: { recording, limit: 500 } } })),
  });
  if (asked.isPending) return <Waiting what={of} />;
  if (asked.error) return <Failed error={asked.error} />;
  if (asked.data.missing.length > 0)
    return <Nothing title="Nobody looked yet" command={of === "events" ? `ringroad recordings events ${recording}` : `ringroad recordings checks ${recording}`} />;
  const rows = asked.data.items as unknown as Row[];
  if (rows.length === 0) return <Text size="sm" c="dimmed">{of === "events" ? "Nothing happened." : "The checks found nothing."}</Text>;
  return (
    <Table aria-label={of}>
      <Table.Tbody>
        {rows.map((row, i) => (
          <Table.Tr key={i}>
            <Table.Td w={150} className="figure">
              {((row.start_ns - startNs) / 1e9).toFixed(2)} to {((row.end_ns - startNs) / 1e9).toFixed(2)} s
            </Table.Td>
            <Table.Td w={170}>
              <Badge variant="light" size="sm" tt="none" color={COLOUR[row.severity ?? ""] ?? "road"}>
                {row.event ?? row.check}
              </Badge>
            </Table.Td>
            <Table.Td>
              {row.message}
              {row.channel && (
                <Text span size="xs" c="dimmed">
                  {" "}
                  {row.channel}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
