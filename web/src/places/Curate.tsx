/** Find frames by a query or by likeness, look at them, keep them as a selection. */
import {
  Alert, Anchor, Autocomplete, Badge, Button, Card, Checkbox, Code, Collapse, Group, Modal, Stack, Table, Text, TextInput, UnstyledButton,
} from "@mantine/core";
import { useDebouncedValue, useDisclosure, useElementSize } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import { PAGE, picture, type Schemas } from "../api/ask";
import { api, data, idempotencyKey, Problem } from "../api/client";
import { count } from "../parts/Figure";
import { Icon } from "../parts/Icon";
import { CommandLine, Page } from "../parts/Page";
import { Failed, Nothing, Waiting } from "../parts/States";

interface Row {
  frame_id: string;
  recording_id: string;
  condition?: string | null;
  speed_mps?: number | null;
  distance?: number;
}

export function Curate() {
  const { q = "", like = "", selection = "" } = useSearch({ from: "/curate" });
  return selection ? <Selection name={selection} /> : <Search q={q} like={like} />;
}

function Search({ q, like }: { q: string; like: string }) {
  const go = useNavigate();
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [explained, { toggle: explain }] = useDisclosure();
  const [saving, { open: save, close: saved }] = useDisclosure();
  const asked = useInfiniteQuery({
    queryKey: ["search", q, like],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/search", {
          params: {
            query: { q, ...(like ? { like } : {}), limit: PAGE, explain: pageParam === "", ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = asked.data?.pages[0];
  const rows = useMemo(() => (asked.data?.pages ?? []).flatMap((page) => page.items as unknown as Row[]), [asked.data]);
  const run = (value: string) => void go({ to: "/curate", search: { q: value || undefined, like: like || undefined } });
  return (
    <Page
      title="Curate"
      about={first && `${count(first.matched)} of ${count(first.searched)} frames`}
      cli={first?.cli}
      json={`/api/v1/search?q=${encodeURIComponent(q)}${like ? `&like=${encodeURIComponent(like)}` : ""}`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(text);
        }}
      >
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <QueryBox value={text} onChange={setText} />
          <Button type="submit" loading={asked.isFetching && !asked.isFetchingNextPage}>
            Search
          </Button>
        </Group>
      </form>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          {like && (
            <Badge variant="light" tt="none" rightSection={<UnstyledButton aria-label="stop ranking by likeness" onClick={() => void go({ to: "/curate", search: { q: q || undefined } })}>×</UnstyledButton>}>
              like {like}
            </Badge>
          )}
          <Button size="compact-xs" variant="subtle" onClick={explain} aria-expanded={explained}>
            How it was found
          </Button>
        </Group>
        <Group gap="xs">
          <Selections />
          <Button size="compact-sm" variant="light" disabled={rows.length === 0} onClick={save}>
            {chosen.size > 0 ? `Keep ${chosen.size} frames` : "Keep all as a selection"}
          </Button>
        </Group>
      </Group>
      <Collapse expanded={explained}>{first?.explain && <Explained of={first.explain as unknown as Plan} notes={first.notes} />}</Collapse>
      {asked.isPending && <Waiting what="frames" />}
      {asked.error && (asked.error instanceof Problem ? <QueryProblem error={asked.error} /> : <Failed error={asked.error} />)}
      {first && rows.length === 0 && <Nothing title="No frame holds this">Loosen the query, or see which columns there are: docs/search.md.</Nothing>}
      {rows.length > 0 && (
        <FrameGrid
          rows={rows}
          total={first?.count ?? rows.length}
          more={() => {
            if (asked.hasNextPage && !asked.isFetchingNextPage) void asked.fetchNextPage();
          }}
          chosen={chosen}
          onChoose={(frame) =>
            setChosen((before) => {
              const next = new Set(before);
              if (!next.delete(frame)) next.add(frame);
              return next;
            })
          }
          onLike={(frame) => void go({ to: "/curate", search: { q: q || undefined, like: frame } })}
        />
      )}
      <Keep opened={saving} onClose={saved} q={q} like={like} chosen={chosen} />
    </Page>
  );
}

function QueryBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [waited] = useDebouncedValue(value, 200);
  const suggested = useQuery({
    queryKey: ["complete", waited],
    queryFn: () => data(api.GET("/api/v1/search/complete", { params: { query: { q: waited, cursor: waited.length } } })),
    staleTime: 60_000,
  });
  const all = suggested.data?.suggestions ?? [];
  const whole = all.slice(0, 12).map((one) => waited.slice(0, one.start) + one.text + waited.slice(one.end));
  const says = new Map(whole.map((text, i) => [text, all[i]]));
  return (
    <Autocomplete
      flex={1}
      label="Query"
      placeholder="condition = night and speed > 30 km/h"
      leftSection={<Icon name="search" size={14} />}
      value={value}
      onChange={onChange}
      data={[...new Set(whole)]}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <Group justify="space-between" w="100%" wrap="nowrap">
          <Text size="sm" className="mono">
            {says.get(option.value)?.text}
          </Text>
          <Text size="xs" c="dimmed">
            {says.get(option.value)?.says || says.get(option.value)?.kind}
          </Text>
        </Group>
      )}
    />
  );
}

/** The message of the language keeps its columns: it points at the place. */
function QueryProblem({ error }: { error: Problem }) {
  return (
    <Alert color="red" title={error.title}>
      <pre className="mono" style={{ margin: 0, whiteSpace: "pre-wrap" }}>
        {error.detail}
      </pre>
      {error.hint && (
        <Text size="sm" c="dimmed" mt={4}>
          {error.hint}
        </Text>
      )}
    </Alert>
  );
}

interface Part {
  text: string;
  how: string;
  rows: number | null;
  stretches: number | null;
  seconds: number;
  note: string;
  parts: Part[];
}

interface Plan {
  query: string;
  parts: Part[];
  seconds: number;
}

function Explained({ of, notes }: { of: Plan; notes: readonly string[] }) {
  const flat = (parts: Part[], depth: number): [Part, number][] =>
    parts.flatMap((part) => [[part, depth] as [Part, number], ...flat(part.parts, depth + 1)]);
  return (
    <Card withBorder p="sm">
      <Table verticalSpacing={2} aria-label="plan">
        <Table.Tbody>
          {flat(of.parts, 0).map(([part, depth], i) => (
            <Table.Tr key={i}>
              <Table.Td>{part.how}</Table.Td>
              <Table.Td className="mono" style={{ paddingLeft: 12 + 16 * depth }}>
                {part.text}
              </Table.Td>
              <Table.Td className="figure" ta="right">
                {part.rows !== null ? `${count(part.rows)} frames` : part.stretches !== null ? `${count(part.stretches)} stretches` : ""}
              </Table.Td>
              <Table.Td className="figure" ta="right">
                {(part.seconds * 1000).toFixed(1)} ms
              </Table.Td>
              <Table.Td>{part.note}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed">
          {note}
        </Text>
      ))}
    </Card>
  );
}

const CELL = 190;
const GAP = 8;

interface GridProps {
  rows: Row[];
  total: number;
  more: () => void;
  chosen: Set<string>;
  onChoose: (frame: string) => void;
  onLike: (frame: string) => void;
}

/** Only the rows in view are in the page; the rest is asked for as it is scrolled to. */
function FrameGrid({ rows, total, more, chosen, onChoose, onLike }: GridProps) {
  const { ref, width } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = Math.max(1, Math.floor((width + GAP) / (CELL + GAP)));
  const lines = Math.ceil(rows.length / columns);
  const side = columns > 0 && width > 0 ? (width - GAP * (columns - 1)) / columns : CELL;
  const height = Math.round(side * 0.62) + 30;
  const virtual = useVirtualizer({
    count: lines,
    getScrollElement: () => scroller.current,
    estimateSize: () => height + GAP,
    overscan: 4,
  });
  useEffect(() => virtual.measure(), [height, virtual]);
  const shown = virtual.getVirtualItems();
  const last = shown[shown.length - 1]?.index ?? 0;
  useEffect(() => {
    if (last >= lines - 6) more();
  }, [last, lines, more]);
  return (
    <div ref={scroller} style={{ height: "min(68vh, 900px)", overflowY: "auto" }} tabIndex={0} role="region" aria-label={`${total} frames`}>
      <div ref={ref} style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {shown.map((line) => (
          <div
            key={line.key}
            style={{ position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${line.start}px)`, display: "grid", gap: GAP, gridTemplateColumns: `repeat(${columns}, 1fr)` }}
          >
            {rows.slice(line.index * columns, (line.index + 1) * columns).map((row) => (
              <Tile key={row.frame_id} row={row} height={height} chosen={chosen.has(row.frame_id)} onChoose={onChoose} onLike={onLike} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Tile({ row, height, chosen, onChoose, onLike }: { row: Row; height: number; chosen: boolean; onChoose: (frame: string) => void; onLike: (frame: string) => void }) {
  const name = row.frame_id.split("/").slice(-1)[0] ?? "";
  const channel = decodeURIComponent(row.frame_id.split("/").slice(-2)[0] ?? "");
  return (
    <Card withBorder padding={0} style={{ height, outline: chosen ? "2px solid var(--mantine-primary-color-filled)" : "none" }}>
      <UnstyledButton onClick={() => onLike(row.frame_id)} aria-label={`frames like ${row.frame_id}`} style={{ height: height - 30, display: "block" }}>
        <img src={picture(row.frame_id, "proxy", 320)} alt="" loading="lazy" style={{ width: "100%", height: "100%", objectFit: "cover", background: "#222" }} />
      </UnstyledButton>
      <Group justify="space-between" px={6} h={30} wrap="nowrap">
        <Checkbox size="xs" checked={chosen} onChange={() => onChoose(row.frame_id)} aria-label={`choose ${row.frame_id}`} />
        <Anchor size="xs" truncate component={Link} to={`/recording/${row.recording_id}?channel=${encodeURIComponent(channel)}&frame=${Number(name)}`} title={row.frame_id}>
          {row.recording_id.split("/").slice(-1)[0]} {Number(name)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {row.condition ?? ""}
        </Text>
      </Group>
    </Card>
  );
}

function Keep({ opened, onClose, q, like, chosen }: { opened: boolean; onClose: () => void; q: string; like: string; chosen: Set<string> }) {
  const [name, setName] = useState("");
  const [living, setLiving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cache = useQueryClient();
  const byHand = chosen.size > 0;
  const keep = async () => {
    setError(null);
    const params = { header: { "Idempotency-Key": idempotencyKey() } };
    try {
      const made: Schemas["SelectionItem"] = byHand
        ? await data(api.POST("/api/v1/selections/{name}", { params: { ...params, path: { name } }, body: { frames: [...chosen], reason: "" } }))
        : await data(api.POST("/api/v1/selections", { params, body: { name, query: q, like, text: "", living, limit: null } }));
      notifications.show({ message: `selection:${made.name} holds ${made.frames === null ? "what its query finds" : `${made.frames} frames`}` });
      await cache.invalidateQueries({ queryKey: ["selections"] });
      onClose();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={byHand ? `Keep ${chosen.size} frames` : "Keep what the query finds"}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <Stack>
          <TextInput label="Name of the selection" required value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          {!byHand && (
            <Checkbox
              label="Living: keep the query, and find anew whenever it is used"
              checked={living}
              onChange={(event) => setLiving(event.currentTarget.checked)}
            />
          )}
          {error !== null && <Failed error={error} />}
          <Button type="submit">Keep</Button>
        </Stack>
      </form>
    </Modal>
  );
}

function Selections() {
  const asked = useQuery({
    queryKey: ["selections"],
    queryFn: () => data(api.GET("/api/v1/selections", { params: { query: { limit: 200 } } })),
  });
  const [open, { toggle, close }] = useDisclosure();
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={toggle}>
        Selections{asked.data ? ` (${asked.data.count})` : ""}
      </Button>
      <Modal opened={open} onClose={close} title="Selections">
        {asked.data?.items.length === 0 && <Text size="sm">None yet.</Text>}
        <Table>
          <Table.Tbody>
            {(asked.data?.items ?? []).map((item) => (
              <Table.Tr key={item.name}>
                <Table.Td>
                  <Anchor component={Link} to={`/curate?selection=${encodeURIComponent(item.name)}`} size="sm" fw={600} onClick={close}>
                    {item.name}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {item.query}
                  </Text>
                </Table.Td>
                <Table.Td className="figure">{item.living ? "living" : `${item.frames ?? 0} frames`}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}

function Selection({ name }: { name: string }) {
  const go = useNavigate();
  const asked = useInfiniteQuery({
    queryKey: ["selection", name],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      data(api.GET("/api/v1/selections/{name}", { params: { path: { name }, query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = asked.data?.pages[0];
  const rows = (asked.data?.pages ?? [])
    .flatMap((page) => page.items)
    .map((frame) => ({ frame_id: frame, recording_id: frame.split("/").slice(0, -2).join("/") }));
  return (
    <Page
      title={`Selection ${name}`}
      about={first && `${count(first.count)} frames${first.query ? `, found by ${first.query}` : ""}${first.reason ? `, ${first.reason}` : ""}`}
      cli={first?.cli}
      json={`/api/v1/selections/${encodeURIComponent(name)}`}
      aside={
        <Button variant="subtle" size="compact-sm" onClick={() => void go({ to: "/curate", search: {} })}>
          Back to the search
        </Button>
      }
    >
      {asked.isPending && <Waiting what="selection" />}
      {asked.error && <Failed error={asked.error} />}
      {first && (
        <Text size="xs" className="mono break" c="dimmed">
          {first.id}
        </Text>
      )}
      {first && rows.length === 0 && (
        <Nothing title="It holds no frame">
          <Code>ringroad selections add {name} FRAME</Code>
        </Nothing>
      )}
      {rows.length > 0 && (
        <FrameGrid
          rows={rows}
          total={first?.count ?? 0}
          more={() => {
            if (asked.hasNextPage && !asked.isFetchingNextPage) void asked.fetchNextPage();
          }}
          chosen={new Set()}
          onChoose={() => undefined}
          onLike={(frame) => void go({ to: "/curate", search: { like: frame } })}
        />
      )}
      {first && <CommandLine text={`ringroad lineage selection:${name}`} />}
    </Page>
  );
}
