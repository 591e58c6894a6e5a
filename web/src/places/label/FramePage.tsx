/** `/label/frame`: all that was said of a frame, and an edit of it outside the queue. */
import { Alert, Anchor, Badge, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useReducer, useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data, Problem } from "../../api/client";
import { moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Actions } from "./Actions";
import { Editor } from "./Editor";
import { Safe } from "./Saved";
import { editFrame, useAnnotations, useMay, useRevisions } from "./ask";
import { useConnection } from "./connection";
import { edited, itemsIn, opened } from "./editing";
import { sent, taxonomyOf, type Turn } from "./marks";
import { frameName, partsOf } from "./names";
import { begins, useDraft } from "./useDraft";
import "./label.css";

type Told = Schemas["AnnotationsTold"];

export function FramePage() {
  const { id = "", revision } = useSearch({ from: "/label/frame" });
  const { who, may } = useMay();
  const asked = useAnnotations(id, revision, may("show_annotations"));
  if (!id) return <Nothing title="No frame is named">Open one from the tasks of the queue, or from a search.</Nothing>;
  if (!who) return <Waiting what="who is here" />;
  if (!may("show_annotations"))
    return <Nothing title="Annotations are for reviewers here">Looks are blind to those who draw.</Nothing>;
  const [recording, channel, number] = partsOf(id);
  return (
    <Page
      title={frameName(id)}
      about={!asked.error &&
        <Group gap="sm">
          <Anchor size="sm" component={Link} to={`/recording/${recording}?channel=${encodeURIComponent(channel)}&frame=${Number(number)}`}>in its recording</Anchor>
          <Anchor size="sm" component={Link} to={`/label/track?frame=${encodeURIComponent(id)}`}>tracks over its neighbours</Anchor>
          <span className="mono">{id}</span>
        </Group>
      }
      aside={!asked.error && <LineageButton id={id} />}
      cli={asked.data?.cli}
      json={`/api/v1/labelling/annotations/${id.split("/").map(encodeURIComponent).join("/")}${revision ? `?revision=${revision}` : ""}`}
    >
      {asked.isPending && <Waiting what="annotations" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Frame key={`${id} ${asked.data.current} ${revision ?? ""}`} who={who} told={asked.data} old={revision !== undefined && revision !== asked.data.current} />}
    </Page>
  );
}

function Frame({ who, told, old }: { who: string; told: Told; old: boolean }) {
  const cache = useQueryClient();
  const online = useConnection();
  const [reason, setReason] = useState("");
  const [seen, setSeen] = useState(told.current);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const turn = useMemo<Turn>(
    () => ({
      task: `frame ${told.frame}`, token: told.current, kind: "edit", frame: told.frame, order: "outside the queue", picture: told.picture,
      expires_ns: 0, guideline: null, marks: told.marks, looks: [], things: [], note: "",
    }),
    [told],
  );
  const [editing, dispatch] = useReducer(edited, old, () => {
    const marks = taxonomyOf(told.guideline, told.marks);
    return opened(old ? begins("", turn).items : begins(who, turn).items, marks, old);
  });
  const items = itemsIn(editing);
  const kept = useDraft(who, turn, items);
  const refresh = () => cache.invalidateQueries({ queryKey: ["label"] });
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const done = await editFrame(told.frame, seen, items.map((item) => sent(item.mark)), told.revision?.guideline ?? "", reason.trim());
      kept.drop();
      notifications.show({ message: `Saved as revision ${done.revisions[told.frame] ?? seen + 1}` });
      await refresh();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const changed = kept.safety !== "clean";
  const beaten = error instanceof Problem && error.status === 412;
  return (
    <>
      {beaten && <Beaten error={error} onLook={() => { kept.drop(); void refresh(); }} onOver={() => { setSeen(numberIn(error.detail) ?? seen); setError(null); }} />}
      {error !== null && !beaten && <Failed error={error} />}
      {old && <Alert color="blue" py="xs" title={`Revision ${told.revision?.number} of ${told.current}`}>It is looked at, not edited. <Back told={told} refresh={refresh} /></Alert>}
      <Editor
        picture={told.picture}
        label={`Frame with ${items.length} annotations`}
        editing={editing}
        dispatch={dispatch}
        onCommand={(command) => command.type === "submit" && changed && !busy && !old && void save()}
        above={
          !old && (
            <Actions below={<Safe safety={kept.safety} online={online} />}>
              <TextInput w="100%" size="xs" aria-label="why" placeholder="Why" value={reason} maxLength={1000} onChange={(event) => setReason(event.currentTarget.value)} />
              <Button size="compact-sm" disabled={!changed} loading={busy} onClick={() => void save()}>
                Save revision {seen + 1}
              </Button>
              <Button size="compact-sm" variant="default" disabled={!changed || busy} onClick={() => { kept.drop(); void refresh(); dispatch({ type: "start", items: begins("", turn).items }); }}>
                Discard
              </Button>
            </Actions>
          )
        }
        aside={<Revisions frame={told.frame} shown={told.revision?.number ?? 0} />}
      />
    </>
  );
}

/** Somebody was first: who, and what to do with what was drawn meanwhile. */
function Beaten({ error, onLook, onOver }: { error: Problem; onLook: () => void; onOver: () => void }) {
  return (
    <Alert color="orange" title="Somebody was first" py="xs">
      <Text size="sm" className="break">{error.detail}. Nothing of yours was written; your draft is kept.</Text>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" onClick={onLook}>Look at theirs, and drop mine</Button>
        <Button size="compact-sm" variant="default" onClick={onOver}>Keep mine, to be saved after theirs</Button>
      </Group>
    </Alert>
  );
}

function numberIn(detail: string): number | undefined {
  const found = /revision (\d+)/.exec(detail)?.[1];
  return found === undefined ? undefined : Number(found);
}

function Revisions({ frame, shown }: { frame: string; shown: number }) {
  const asked = useRevisions(frame);
  const go = useNavigate();
  const rows = [...(asked.data?.revisions ?? [])].reverse();
  return (
    <div>
      <Title order={2} size="h6" mb={4}>Revisions</Title>
      {asked.error && <Failed error={asked.error} />}
      {asked.data && rows.length === 0 && <Text size="sm" c="dimmed">Nobody annotated it yet.</Text>}
      <Stack gap={2} style={{ maxHeight: 260, overflowY: "auto" }} tabIndex={0} role="region" aria-label="revisions">
        {rows.map((row) => (
          <button
            key={row.number}
            type="button"
            className="label-row"
            aria-current={row.number === shown ? "true" : undefined}
            style={{ background: row.number === shown ? "var(--mantine-color-default-hover)" : "none", border: 0, color: "inherit", textAlign: "left" }}
            onClick={() => void go({ to: "/label/frame", search: { id: frame, revision: row === rows[0] ? undefined : row.number } })}
          >
            <span className="figure">{row.number}</span>
            <span style={{ flex: 1 }}>
              <Text size="sm">{row.author || "somebody"} <Badge size="xs" variant="default" tt="none">{row.source || "unknown source"}</Badge></Text>
              <Text size="xs" c="dimmed">{row.made_ns ? `${moment(row.made_ns)} UTC` : ""}</Text>
              {row.reason && <Text size="xs" className="break">{row.reason}</Text>}
              {row.guideline && <Text size="xs" c="dimmed" className="mono">guideline {row.guideline.slice(0, 12)}</Text>}
            </span>
          </button>
        ))}
      </Stack>
    </div>
  );
}

/** Make an earlier revision count again, as a new one. */
function Back({ told, refresh }: { told: Told; refresh: () => Promise<void> }) {
  const go = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const number = told.revision?.number ?? 0;
  const back = () => {
    const params = { path: { id: told.frame }, header: { "if-match": `"${told.current}"` } };
    data(api.POST("/api/v1/labelling/revisions/{id}", { params, body: { revision: number, reason: "" } })).then(async () => {
      await go({ to: "/label/frame", search: { id: told.frame } });
      await refresh();
    }, setError);
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={back}>Make it count again</Button>
      {error !== null && <Failed error={error} />}
    </>
  );
}
