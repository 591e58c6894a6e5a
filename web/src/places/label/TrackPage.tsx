/** `/label/track`: one thing over neighbouring frames: key frames, and what lies between them. */
import { Alert, Anchor, Button, Group, Kbd, NativeSelect, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { api, data, idempotencyKey, Problem } from "../../api/client";
import { picture } from "../../api/ask";
import { many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Actions } from "./Actions";
import { Editor } from "./Editor";
import { Filmstrip } from "./Filmstrip";
import { useGuideline, useGuidelines, useMay, useStretch } from "./ask";
import { isUnreachable, reached, useConnection } from "./connection";
import { edited, itemsIn, opened, type Action, type Editing } from "./editing";
import { begun, redone, stepped, undone, type History } from "./history";
import { isStale, keysOn } from "./keyDrafts";
import { isTaken } from "./keys";
import { markOf, taxonomyOf, type Item, type Mark } from "./marks";
import { frameName } from "./names";
import { Offline, Safe } from "./Saved";
import { freshTrack, keyBeside, keysOf, sentKeys, stepTo, tracksIn, type Frames, type Keys } from "./tracking";
import { keyDrafts, useKeyDraft } from "./useKeyDraft";
import "./label.css";

export function TrackPage() {
  const search = useSearch({ from: "/label/track" });
  const { who, may } = useMay();
  const asked = useStretch(search.frame ?? "", may("show_stretch"));
  if (!search.frame) return <Nothing title="No frame is named">Open one from the tasks of the queue.</Nothing>;
  if (!who) return <Waiting what="who is here" />;
  if (!may("draw_track")) return <Nothing title="Tracks are for reviewers here">Looks are blind to those who draw.</Nothing>;
  return (
    <Page
      title={`Tracks around ${frameName(search.frame)}`}
      about={asked.data && <>{asked.data.frames.length} frames of {asked.data.channel}; boxes between key frames are interpolated. <Anchor size="sm" underline="always" component={Link} to={`/label/frame?id=${encodeURIComponent(search.at ?? search.frame)}`}>The frame alone</Anchor></>}
      cli={asked.data?.cli}
      json={`/api/v1/labelling/stretch?frame=${encodeURIComponent(search.frame)}`}
    >
      {asked.isPending && <Waiting what="frames" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Begin key={`${asked.dataUpdatedAt} ${search.track ?? ""}`} who={who} frames={asked.data.frames} anchor={search.frame} />}
    </Page>
  );
}

interface Around {
  who: string;
  frames: Frames;
  anchor: string;
}

/** With the key frames that were not written the last time, once it is clear what they are drawn on. */
function Begin({ who, frames, anchor }: Around) {
  const { track: named } = useSearch({ from: "/label/track" });
  const [track] = useState(() => named ?? tracksIn(frames)[0] ?? freshTrack(frames));
  const which = { who, anchor, track };
  const [left] = useState(() => keyDrafts.find(which));
  const [keys, setKeys] = useState<Keys | null>(() => (left === null ? {} : isStale(left, frames) ? null : keysOn(left, frames)));
  if (keys !== null || left === null) return <Session who={who} frames={frames} anchor={anchor} track={track} before={keys ?? {}} />;
  const there = keysOn(left, frames);
  return (
    <Alert color="orange" title={`${many(Object.keys(there).length, "key frame")} of track ${track} were not saved`}>
      <Text size="sm">They were drawn on earlier annotations: somebody has changed these frames since.</Text>
      <Group mt="xs">
        <Button size="compact-sm" onClick={() => setKeys(there)}>
          Go on with them
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            keyDrafts.drop(which);
            setKeys({});
          }}
        >
          Drop them
        </Button>
      </Group>
    </Alert>
  );
}

function Session({ who, frames, anchor, track, before }: Around & { track: string; before: Keys }) {
  const search = useSearch({ from: "/label/track" });
  const go = useNavigate();
  const cache = useQueryClient();
  const at = frames.some((frame) => frame.frame === search.at) ? (search.at ?? anchor) : anchor;
  const [history, setHistory] = useState<History<Keys>>(() => (Object.keys(before).length > 0 ? stepped(begun<Keys>({}), before) : begun({})));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const guidelines = useGuidelines();
  const guideline = useGuideline(search.guideline ?? "");
  const keys = useMemo(() => keysOf(frames, track, history.now), [frames, track, history.now]);
  const filled = useFilled(frames, track, keys);
  const changed = Object.keys(history.now).length;
  const here = frames.find((frame) => frame.frame === at);
  const marks = here?.marks ?? [];
  const taxonomy = useMemo(() => taxonomyOf(guideline.data?.guideline, frames.flatMap((frame) => frame.marks)), [guideline.data, frames]);
  const mark = keys[at] ?? filled.marks[at];
  const [ui, setUi] = useState<Editing>(() => opened([], taxonomy));
  const items = useMemo<Item[]>(() => (mark ? [{ uid: "thing", mark, origin: "given", seen: true }] : []), [mark]);
  const under = useMemo<Item[]>(
    () => marks.filter((one) => one.track !== track).map((one, i) => ({ uid: `other-${i}`, mark: markOf(one), origin: "given", seen: true })),
    [marks, track],
  );
  const shown: Editing = { ...ui, taxonomy, history: { past: history.past.map(() => items), now: items, future: history.future.map(() => items), movement: "" } };
  const held = useRef(shown);
  held.current = shown;
  const act = useCallback(
    (action: Action) => {
      if (action.type === "undo") return setHistory(undone);
      if (action.type === "redo") return setHistory(redone);
      const before = held.current;
      const after = edited(before, action);
      setUi({ ...after, history: before.history, chosen: after.chosen === null ? null : "thing" });
      if (itemsIn(after) === itemsIn(before) || action.type === "start") return;
      const drawn = itemsIn(after)[itemsIn(after).length - 1]?.mark ?? null;
      const movement = "movement" in action ? action.movement : action.type === "nudge" ? `nudge ${at} ${action.grow}` : "";
      setHistory((was) => stepped(was, { ...was.now, [at]: drawn && { ...drawn, track, key: true } }, movement));
    },
    [at, track],
  );
  const seek = useCallback((to: string) => void go({ to: "/label/track", search: { ...search, at: to }, replace: true }), [go, search]);
  useFrameKeys({ next: (by) => seek(stepTo(frames, at, by)), key: (by) => seek(keyBeside(frames, keys, at, by)) });
  const { safety, drop } = useKeyDraft(who, anchor, track, frames, history.now);
  const online = useConnection();
  useUnsaved(changed > 0 && safety !== "saved");
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const done = await reached(
        data(
          api.POST("/api/v1/labelling/tracks", {
            params: { header: { "Idempotency-Key": idempotencyKey() } },
            body: {
              track,
              frames: frames.map((frame) => frame.frame),
              keys: sentKeys(history.now),
              expected: Object.fromEntries(frames.map((frame) => [frame.frame, frame.revision])),
              guideline: search.guideline ?? "",
              reason: "",
            },
          }),
        ),
      );
      setHistory(begun({}));
      drop();
      notifications.show({ message: `Track ${track}: ${Object.keys(done.revisions).length} frames have a new revision` });
      await go({ to: "/label/track", search: { ...search, track }, replace: true });
      await cache.invalidateQueries({ queryKey: ["label"] });
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const beaten = error instanceof Problem && error.status === 412;
  return (
    <Stack gap="xs" style={{ ["--label-above" as string]: "390px" }}>
      {beaten && (
        <Alert color="orange" title="Somebody was first" py="xs">
          <Text size="sm" className="break">{error.detail}. Nothing was written; your key frames stay in this browser.</Text>
          <Button size="compact-sm" mt="xs" onClick={() => void cache.invalidateQueries({ queryKey: ["label", "stretch"] })}>Load what is there now</Button>
        </Alert>
      )}
      {error !== null && !beaten && !isUnreachable(error) && <Failed error={error} />}
      {filled.error !== null && !isUnreachable(filled.error) && <Failed error={filled.error} />}
      {!online && <Offline waits={false} />}
      <Group gap="xs" align="flex-end">
        <NativeSelect
          size="xs"
          label="Track"
          data={[...new Set([...tracksIn(frames), track])].map((name) => ({ value: name, label: `track ${name}` })).concat({ value: freshTrack(frames), label: `new track ${freshTrack(frames)}` }).filter((one, i, all) => all.findIndex((other) => other.value === one.value) === i)}
          value={track}
          disabled={changed > 0}
          onChange={(event) => void go({ to: "/label/track", search: { ...search, track: event.currentTarget.value } })}
        />
        <NativeSelect
          size="xs"
          label="Guideline"
          data={[{ value: "", label: "none" }, ...(guidelines.data?.items ?? []).map((one) => one.name)]}
          value={search.guideline ?? ""}
          onChange={(event) => void go({ to: "/label/track", search: { ...search, guideline: event.currentTarget.value || undefined }, replace: true })}
        />
        <Leaving mark={keys[at]} act={act} />
        <Safe safety={safety} online={online} />
        <Text size="xs" c="dimmed">
          <Kbd size="xs">,</Kbd> <Kbd size="xs">.</Kbd> one frame back, on; <Kbd size="xs">[</Kbd> <Kbd size="xs">]</Kbd> to the key frame before, behind
        </Text>
      </Group>
      <Filmstrip frames={frames} at={at} keys={keys} filled={filled.marks} onSeek={seek} />
      <Editor
        picture={picture(at, "recorded")}
        label={`${frameName(at)}, track ${track}: ${keys[at] ? "key frame" : mark ? "interpolated" : "not here"}`}
        editing={shown}
        dispatch={act}
        onCommand={(command) => command.type === "submit" && changed > 0 && !busy && void save()}
        under={under}
        above={
          <Actions
            below={
              <Text size="xs" c="dimmed" role="status">
                {keys[at] ? "A key frame." : mark ? "Interpolated: change it to make a key frame." : "Draw it here to make a key frame."}
              </Text>
            }
          >
            <Button size="compact-sm" disabled={changed === 0} loading={busy} onClick={() => void save()} rightSection={<Kbd size="xs">Enter</Kbd>}>
              {changed === 0 ? "Save" : `Save ${many(changed, "key frame")}`}
            </Button>
            <Button size="compact-sm" variant="default" disabled={changed === 0 || busy} onClick={() => setHistory(begun({}))}>
              Discard
            </Button>
          </Actions>
        }
      />
    </Stack>
  );
}

/** Whether the thing leaves after this key frame. */
function Leaving({ mark, act }: { mark: Mark | undefined; act: (action: Action) => void }) {
  const leaves = mark?.attributes.outside === "after";
  return (
    <Button
      size="xs"
      variant={leaves ? "filled" : "default"}
      aria-pressed={leaves}
      disabled={!mark}
      onClick={() => {
        act({ type: "choose", uid: "thing" });
        if (mark) act({ type: "change", uid: "thing", mark: { ...mark, attributes: leaves ? without(mark.attributes) : { ...mark.attributes, outside: "after" } }, movement: "" });
      }}
    >
      Leaves after this frame
    </Button>
  );
}

function without(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "outside"));
}

/** The track as it would be written: the server interpolates, here and when it is saved. */
function useFilled(frames: Frames, track: string, keys: Record<string, Mark>): { marks: Record<string, Mark>; error: unknown } {
  const asked = useQuery({
    queryKey: ["label", "fill", track, keys],
    enabled: Object.keys(keys).length > 0,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    queryFn: () =>
      reached(
        data(
          api.POST("/api/v1/labelling/tracks:fill", {
            body: { track, frames: frames.map((frame) => frame.frame), keys: sentKeys(keys) as Record<string, NonNullable<ReturnType<typeof sentKeys>[string]>> },
          }),
        ),
      ),
  });
  const marks = useMemo(() => {
    const found = Object.keys(keys).length > 0 ? (asked.data?.marks ?? {}) : {};
    return Object.fromEntries(Object.entries(found).map(([frame, mark]) => [frame, markOf(mark)]));
  }, [asked.data, keys]);
  return { marks, error: asked.error };
}

function useFrameKeys({ next, key }: { next: (by: number) => void; key: (by: 1 | -1) => void }): void {
  const held = useRef({ next, key });
  held.current = { next, key };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(target, event.key) || target.closest('[role="dialog"]')) return;
      if (event.key === "," || event.key === ".") held.current.next(event.key === "." ? 1 : -1);
      else if (event.key === "[" || event.key === "]") held.current.key(event.key === "]" ? 1 : -1);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

/** The browser asks before a page with unsaved key frames is left. */
function useUnsaved(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
}
