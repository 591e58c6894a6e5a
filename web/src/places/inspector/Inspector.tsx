/** One recording: cameras, lidar, place, events, checks and signals on one axis of time. */
import { Alert, Button, Chip, Grid, Group, Select, SimpleGrid, Stack, Tabs, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";

import { type Schemas, useMe, useRecording } from "../../api/ask";
import { duration, moment } from "../../parts/Figure";
import { Icon } from "../../parts/Icon";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Synthetic } from "../recordings/Synthetic";
import { Above } from "./Above";
import { type Happening, type Lane, type Mark, frameAt, sequenceAt, useHappenings, useMarks, useTimeline, useTrace } from "./ask";
import { Axis, Happenings, Recorded, Ruler, type Span, zoomed } from "./Axis";
import { Camera, type Shown } from "./Camera";
import { Clock, nearestAt, stepFrom, useMoment } from "./clock";
import type { Pose } from "./geometry";
import { Channels, Rows } from "./Lists";
import { RerunButton } from "./Rerun";
import { ordered, SignalChoice, Signals, useSignals } from "./Signals";
import { Way } from "./Way";

type Recording = Schemas["RecordingTold"];
type Timeline = Schemas["Timeline"];

export function Inspector() {
  const id = useParams({ from: "/recording/$" })._splat ?? "";
  const asked = useRecording(id);
  const timeline = useTimeline(id);
  const error = asked.error ?? timeline.error;
  if (error) return <Failed error={error} again={() => void Promise.all([asked.refetch(), timeline.refetch()])} />;
  if (!asked.data || !timeline.data) return <Waiting what="recording" />;
  const held = asked.data.recording;
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
      aside={
        <Group gap="xs">
          <RerunButton recording={id} seconds={timeline.data.seconds} />
          <LineageButton id={id} />
        </Group>
      }
      cli={asked.data.cli}
      json={`/api/v1/recordings/${id.split("/").map(encodeURIComponent).join("/")}`}
    >
      {held.salvaged && <Alert color="orange" title="Salvaged">{held.salvaged}</Alert>}
      <Desk key={id} told={asked.data} timeline={timeline.data} />
    </Page>
  );
}

function Desk({ told, timeline }: { told: Recording; timeline: Timeline }) {
  const held = told.recording;
  const search = useSearch({ from: "/recording/$" });
  const go = useNavigate();
  const lanes = timeline.lanes as Lane[];
  const cameras = useMemo(() => lanes.filter((lane) => lane.sensor === "camera" && lane.seconds.length > 0).sort(byPlace), [lanes]);
  const ranging = useMemo(() => lanes.filter((lane) => lane.sensor !== "camera" && lane.seconds.length > 0), [lanes]);
  const clock = useMemo(() => new Clock(Math.max(timeline.seconds, 0.001), search.t ?? linked(cameras, search.channel, search.frame)), [timeline]);
  const large = cameras.find((lane) => lane.channel === search.channel);
  const lead = large ?? cameras.find((lane) => place(lane.channel) === 1) ?? cameras[0] ?? ranging[0];
  const lidar = ranging.find((lane) => lane.channel === search.lidar) ?? ranging.find((lane) => lane.sensor === "lidar") ?? ranging[0];
  const set = (more: Partial<typeof search>) =>
    void go({ to: "/recording/$", params: { _splat: held.id }, search: { ...search, frame: undefined, t: round(clock.seconds), ...more }, replace: true });
  useAddress(clock, set);
  const blind = useMe().data?.role === "labeller";
  const words = new Set((search.show ?? "annotations").split(" "));
  const shown: Shown = { annotations: words.has("annotations"), predictions: words.has("predictions"), points: words.has("points") };
  const events = useHappenings("events", held.id);
  const checks = useHappenings("checks", held.id);
  const happened = (events.data?.items ?? []) as unknown as Happening[];
  const found = (checks.data?.items ?? []) as unknown as Happening[];
  const moments = useMemo(
    () => [...happened, ...found].map((row) => (row.start_ns - held.start_ns) / 1e9).filter((at) => at >= 0).sort((a, b) => a - b),
    [happened, found, held.start_ns],
  );
  const [span, setSpan] = useState<Span>({ from: 0, to: clock.length });
  const player = usePlayer(clock);
  const step = (by: number) => lead && clock.set(stepFrom(lead.seconds, clock.seconds, by));
  const jump = (way: 1 | -1) => {
    const next = way > 0 ? moments.find((at) => at > clock.seconds + 1e-3) : [...moments].reverse().find((at) => at < clock.seconds - 1e-3);
    if (next !== undefined) clock.set(next);
  };
  useHotkeys([
    ["ArrowLeft", () => step(-1)],
    ["ArrowRight", () => step(1)],
    ["shift+ArrowLeft", () => step(-10)],
    ["shift+ArrowRight", () => step(10)],
    [",", () => clock.set(clock.seconds - 1)],
    [".", () => clock.set(clock.seconds + 1)],
    ["[", () => jump(-1)],
    ["]", () => jump(1)],
    ["Home", () => clock.set(0)],
    ["End", () => clock.set(clock.length)],
    ["Space", player.toggle],
    ["+", () => setSpan(zoomed(span, 0.5, 0.5, clock.length))],
    ["-", () => setSpan(zoomed(span, 2, 0.5, clock.length))],
    ["0", () => setSpan({ from: 0, to: clock.length })],
  ]);
  const poses = held.calibrations as unknown as readonly Pose[];
  const like = (frame: string) => void go({ to: "/curate", search: { like: frame } });
  const many = large ? 1 : cameras.length;
  return (
    <Stack gap="sm">
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, md: ranging.length > 0 || many <= 1 ? 8 : 9 }}>
          {cameras.length === 0 && <Nothing title="It has no camera" />}
          <SimpleGrid cols={{ base: 1, sm: many > 4 ? 3 : many > 1 ? 2 : 1 }} spacing="xs" verticalSpacing="xs">
            {(large ? [large] : cameras).map((lane) => (
              <Camera
                key={lane.channel}
                clock={clock}
                recording={held.id}
                lane={lane}
                lidar={ranging.find((one) => one.sensor === "lidar")}
                poses={poses}
                shown={shown}
                large={large !== undefined}
                onLarge={() => set({ channel: large ? undefined : lane.channel })}
                onLike={like}
              />
            ))}
          </SimpleGrid>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: ranging.length > 0 || many <= 1 ? 4 : 3 }}>
          <Aside clock={clock} recording={held.id} lidar={lidar} ranging={ranging} lead={large ?? cameras.find((lane) => lane === lead) ?? cameras[0]} poses={poses} onLidar={(lidarChannel) => set({ lidar: lidarChannel })} />
        </Grid.Col>
      </Grid>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Button size="compact-sm" variant="default" onClick={player.toggle} leftSection={<Icon name={player.on ? "pause" : "play"} size={13} />}>
            {player.on ? "Pause" : "Play"}
          </Button>
          <Select size="xs" w={84} aria-label="speed" data={["0.25 x", "0.5 x", "1 x", "2 x", "4 x"]} value={`${player.rate} x`} allowDeselect={false} onChange={(value) => player.setRate(Number.parseFloat(value ?? "1"))} />
          <Now clock={clock} lead={lead} startNs={held.start_ns} />
        </Group>
        {blind && <Text size="xs" c="dimmed">Annotations and predictions are not told to who draws.</Text>}
        <Chip.Group multiple value={[...words]} onChange={(value) => set({ show: value.join(" ") || "none" })}>
          <Group gap={6}>
            <Chip size="xs" value="annotations">Annotations</Chip>
            <Chip size="xs" value="predictions">Predictions</Chip>
            {ranging.length > 0 && poses.length > 0 && <Chip size="xs" value="points">Lidar on pictures</Chip>}
          </Group>
        </Chip.Group>
      </Group>
      <Everything clock={clock} told={told} lanes={lanes} happened={happened} found={found} unseen={(events.data?.missing.length ?? 0) > 0} unchecked={(checks.data?.missing.length ?? 0) > 0} span={span} onSpan={setSpan} />
      <Tabs value={search.list ?? "events"} onChange={(list) => set({ list: list === "events" ? undefined : (list ?? undefined) })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="events">Events</Tabs.Tab>
          <Tabs.Tab value="checks">Checks</Tabs.Tab>
          <Tabs.Tab value="channels">Channels</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="events" pt="sm">
          <Rows of="events" recording={held.id} startNs={held.start_ns} onPick={clock.set} />
        </Tabs.Panel>
        <Tabs.Panel value="checks" pt="sm">
          <Rows of="checks" recording={held.id} startNs={held.start_ns} onPick={clock.set} />
        </Tabs.Panel>
        <Tabs.Panel value="channels" pt="sm">
          <Channels of={held} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** The axis with all its rows. */
function Everything({ clock, told, lanes, happened, found, unseen, unchecked, span, onSpan }: {
  clock: Clock;
  told: Recording;
  lanes: Lane[];
  happened: Happening[];
  found: Happening[];
  unseen: boolean;
  unchecked: boolean;
  span: Span;
  onSpan: (span: Span) => void;
}) {
  const id = told.recording.id;
  const startNs = told.recording.start_ns;
  const listed = useSignals(id);
  const known = useMemo(() => ordered((listed.data?.signals ?? []).map((signal) => signal.name)), [listed.data]);
  const [chosen, setChosen] = useState<string[] | null>(null);
  const names = chosen ?? known.slice(0, 3);
  return (
    <Stack gap={6}>
      <Axis clock={clock} span={span} onSpan={onSpan}>
        {(pixels) => (
          <>
            <Ruler span={span} pixels={pixels} />
            <Happenings name="Events" note={unseen ? "nobody looked yet" : ""} rows={happened} startNs={startNs} span={span} pixels={pixels} onPick={clock.set} />
            <Happenings name="Checks" note={unchecked ? "not checked yet" : ""} rows={found} startNs={startNs} span={span} pixels={pixels} onPick={clock.set} />
            {lanes.map((lane) => (
              <Recorded key={lane.channel} lane={lane} span={span} pixels={pixels} />
            ))}
            <Signals recording={id} names={names} startNs={startNs} span={span} pixels={pixels} clock={clock} />
          </>
        )}
      </Axis>
      {known.length > 0 && <SignalChoice known={known} chosen={names} onChange={setChosen} />}
    </Stack>
  );
}

function Aside({ clock, recording, lidar, ranging, lead, poses, onLidar }: {
  clock: Clock;
  recording: string;
  lidar: Lane | undefined;
  ranging: Lane[];
  lead: Lane | undefined;
  poses: readonly Pose[];
  onLidar: (channel: string) => void;
}) {
  const trace = useTrace(recording);
  const way = trace.data?.traces[0];
  const place = useMoment(clock, (seconds) => (lead ? nearestAt(lead.seconds, seconds) : -1));
  const marks = useMarks("annotations", recording, lead?.channel ?? "", lead ? sequenceAt(lead, place) : -1, lidar !== undefined);
  const cuboids = useMemo(
    () => (lead ? (marks.data?.get(frameAt(lead, place)) ?? []) : []).filter((mark: Mark) => mark.shape === "cuboid"),
    [marks.data, lead, place],
  );
  return (
    <Stack gap="xs">
      {lidar && <Above clock={clock} lane={lidar} poses={poses} cuboids={cuboids} camera={lead?.channel ?? ""} />}
      {ranging.length > 1 && lidar && (
        <Select size="xs" aria-label="lidar or radar" data={ranging.map((lane) => lane.channel)} value={lidar.channel} allowDeselect={false} onChange={(value) => value && onLidar(value)} />
      )}
      {way ? <Way trace={way} clock={clock} height={lidar ? 210 : 330} /> : trace.data && <Text size="sm" c="dimmed">Nothing says where the vehicle was.</Text>}
    </Stack>
  );
}

function Now({ clock, lead, startNs }: { clock: Clock; lead: Lane | undefined; startNs: number }) {
  const text = useMoment(clock, (seconds) => {
    const at = lead ? nearestAt(lead.seconds, seconds) : -1;
    return `${seconds.toFixed(2)} of ${clock.length.toFixed(2)} s${lead ? ` · frame ${at + 1} of ${lead.seconds.length}` : ""} · ${moment(startNs + seconds * 1e9)}`;
  });
  return (
    <Text size="sm" className="figure" aria-live="off">
      {text}
    </Text>
  );
}

/** Left to right, front before back: as somebody in the vehicle would look. */
function byPlace(one: Lane, other: Lane): number {
  return place(one.channel) - place(other.channel) || one.channel.localeCompare(other.channel);
}

function place(channel: string): number {
  const [back, left, right] = ["back|rear", "left", "right"].map((word) => new RegExp(word, "i").test(channel));
  return (back ? 3 : 0) + (left ? 0 : right ? 2 : 1);
}

/** A moment that an older address, or a frame of a grid, names. */
function linked(cameras: Lane[], channel: string | undefined, frame: number | undefined): number {
  const lane = cameras.find((one) => one.channel === channel) ?? cameras[0];
  if (!lane || frame === undefined) return cameras[0]?.seconds[0] ?? 0;
  const place = lane.sequence.length ? lane.sequence.indexOf(frame) : frame;
  return lane.seconds[place] ?? 0;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** The address follows once the hand rests. */
function useAddress(clock: Clock, set: (more: { t: number }) => void) {
  const tell = useRef(set);
  tell.current = set;
  useEffect(() => {
    let timer = 0;
    const end = clock.follow(() => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => tell.current({ t: round(clock.seconds) }), 400);
    });
    return () => {
      window.clearTimeout(timer);
      end();
    };
  }, [clock]);
}

function usePlayer(clock: Clock) {
  const [on, setOn] = useState(false);
  const [rate, setRate] = useState(1);
  useEffect(() => {
    if (!on) return;
    let [last, handle] = [performance.now(), 0];
    const tick = (now: number) => {
      clock.set(clock.seconds + ((now - last) / 1000) * rate);
      last = now;
      if (clock.seconds >= clock.length) setOn(false);
      else handle = requestAnimationFrame(tick);
    };
    handle = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(handle);
  }, [on, rate, clock]);
  const toggle = () => {
    if (!on && clock.seconds >= clock.length) clock.set(0);
    setOn(!on);
  };
  return { on, toggle, rate, setRate };
}
