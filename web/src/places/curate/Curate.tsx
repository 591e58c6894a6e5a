/** Find frames, look at them, choose them, keep them: as a grid, on a map, by what is covered. */
import { Badge, Button, Collapse, Group, Tabs, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";

import { Problem } from "../../api/client";
import { count, many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { useFound, type Wish } from "./ask";
import { called, Grid } from "./Grid";
import { Keep } from "./Keep";
import type { Pages, Row } from "./pages";
import { Peek } from "./Peek";
import { Explained, type Plan, QueryBox, QueryProblem } from "./Query";
import { Selection } from "./Selection";

const Coverage = lazy(() => import("./Coverage").then(({ Coverage }) => ({ default: Coverage })));
const EmbeddingMap = lazy(() => import("./EmbeddingMap").then(({ EmbeddingMap }) => ({ default: EmbeddingMap })));
const Selections = lazy(() => import("./Selections").then(({ Selections }) => ({ default: Selections })));

export function Curate() {
  const search = useSearch({ from: "/curate" });
  if (search.selection) return <Selection name={search.selection} />;
  return <Desk wish={{ q: search.q ?? "", like: search.like ?? "", crop: search.crop ?? "" }} view={VIEWS.find(([one]) => one === search.view)?.[0] ?? "grid"} />;
}

const VIEWS = [["grid", "Grid"], ["map", "Embedding map"], ["coverage", "Coverage"], ["selections", "Selections"]] as const;

function Desk({ wish, view }: { wish: Wish; view: string }) {
  const go = useNavigate();
  const { q, like, crop } = wish;
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const { chosen, choose, clear } = useChosen();
  const [explained, { toggle: explain }] = useDisclosure();
  const [saving, { open: save, close: saved }] = useDisclosure();
  const { asked, first, pages } = useFound(wish, view === "grid");
  const set = (more: Partial<Wish> & { view?: string | undefined }) => {
    const next = { ...wish, view, ...more };
    void go({ to: "/curate", search: { q: next.q || undefined, like: next.like || undefined, crop: next.crop || undefined, view: next.view === "grid" ? undefined : next.view } });
  };
  const onLike = (frame: string, part: string) => set({ like: frame, crop: part, view: "grid" });
  const address = new URLSearchParams({ q, ...(like ? { like } : {}), ...(crop ? { crop } : {}) });
  const searching = view === "grid" || view === "map";
  return (
    <Page
      title="Curate"
      about={view === "grid" && first && `${count(first.matched)} of ${count(first.searched)} frames`}
      cli={view === "grid" ? first?.cli : undefined}
      json={view === "grid" ? `/api/v1/search?${address}` : undefined}
    >
      {searching && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            set({ q: text });
          }}
        >
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <QueryBox value={text} onChange={setText} />
            <Button type="submit" loading={asked.isFetching}>
              Search
            </Button>
          </Group>
        </form>
      )}
      <Group gap="xs" justify="space-between">
        <Tabs value={view} onChange={(value) => set({ view: value ?? "grid" })} variant="pills">
          <Tabs.List aria-label="views of frames">
            {VIEWS.map(([value, name]) => (
              <Tabs.Tab key={value} value={value} py={5}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        {searching && (
          <Group gap="xs">
            {like && <Likeness frame={like} crop={crop} onEnd={() => set({ like: "", crop: "" })} />}
            {view === "grid" && (
              <Button size="compact-sm" variant="subtle" onClick={explain} aria-expanded={explained}>
                How it was found
              </Button>
            )}
            {chosen.size > 0 && (
              <Button size="compact-sm" variant="subtle" onClick={clear}>
                Choose none
              </Button>
            )}
            <Button size="compact-sm" variant="light" disabled={chosen.size === 0 && (view !== "grid" || !pages?.count)} onClick={save}>
              {chosen.size > 0 ? `Keep ${many(chosen.size, "frame")}` : "Keep all as a selection"}
            </Button>
          </Group>
        )}
      </Group>
      {view === "grid" && (
        <>
          <Collapse expanded={explained}>{first?.explain && <Explained of={first.explain as unknown as Plan} notes={first.notes} />}</Collapse>
          {asked.isPending && <Waiting what="frames" />}
          {asked.error && (asked.error instanceof Problem ? <QueryProblem error={asked.error} /> : <Failed error={asked.error} again={() => void asked.refetch()} />)}
          {pages?.count === 0 && <Nothing title="No frame holds this">{first && first.notes.length > 0 ? first.notes.join(" ") : "Loosen the query; the box completes columns and their values as you type."}</Nothing>}
          {pages && pages.count > 0 && <Looked pages={pages} chosen={chosen} choose={choose} onLike={onLike} label={`${count(pages.count)} frames`} />}
        </>
      )}
      <Suspense fallback={<Waiting what={view} />}>
        {view === "map" && <EmbeddingMap q={q} chosen={chosen} onChoose={choose} onLike={onLike} />}
        {view === "coverage" && <Coverage />}
        {view === "selections" && <Selections />}
      </Suspense>
      <Keep opened={saving} onClose={saved} wish={wish} chosen={chosen} />
    </Page>
  );
}

interface LookedProps {
  pages: Pages;
  chosen: ReadonlySet<string>;
  choose: (frames: string[], on: boolean) => void;
  onLike: (frame: string, crop: string) => void;
  label: string;
}

/** A grid, and one of its frames large. */
export function Looked({ pages, chosen, choose, onLike, label }: LookedProps) {
  const [place, setPlace] = useState<number | null>(null);
  const open = useCallback((_: Row, at: number) => setPlace(at), []);
  const row = place === null ? null : (pages.at(place) ?? null);
  return (
    <>
      <Grid pages={pages} chosen={chosen} onChoose={choose} onOpen={open} label={label} />
      <Peek
        row={row}
        chosen={row !== null && chosen.has(row.frame_id)}
        onChoose={(frame) => choose([frame], !chosen.has(frame))}
        onLike={(frame, crop) => {
          setPlace(null);
          onLike(frame, crop);
        }}
        onStep={(by) => setPlace((now) => (now === null || !pages.at(now + by) ? now : now + by))}
        onClose={() => setPlace(null)}
      />
    </>
  );
}

export function useChosen() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = useCallback(
    (frames: string[], on: boolean) =>
      setChosen((before) => {
        const next = new Set(before);
        for (const frame of frames) if (on) next.add(frame); else next.delete(frame);
        return next;
      }),
    [],
  );
  return { chosen, choose, clear: () => setChosen(new Set()) };
}

function Likeness({ frame, crop, onEnd }: { frame: string; crop: string; onEnd: () => void }) {
  return (
    <Badge
      variant="light"
      tt="none"
      title={frame}
      rightSection={
        <UnstyledButton aria-label="stop ranking by likeness" onClick={onEnd}>
          ×
        </UnstyledButton>
      }
    >
      like {crop ? "a part of " : ""}
      {called(frame)}
    </Badge>
  );
}
