/** Looks side by side, without names: one mark is taken of each thing, or the result is edited. */
import { Alert, Badge, Button, Group, Kbd, Stack, Table, Text } from "@mantine/core";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";

import { Failed, Waiting } from "../../parts/States";
import { Actions } from "./Actions";
import { Editor } from "./Editor";
import { GuidelineText } from "./GuidelineText";
import { LookPicture } from "./LookPicture";
import { Lost, Offline, Refused, Safe } from "./Saved";
import { SkipDialog } from "./SkipDialog";
import { guidelineOf, skipTurn, submitTurn } from "./ask";
import { atFirst, itemsTaken, NEITHER, thingsOf, undecided, type Taken, type Thing } from "./deciding";
import { edited, itemsIn, opened } from "./editing";
import { isTaken, type Command } from "./keys";
import { sent, taxonomyOf, wordsOf, type Category, type Turn } from "./marks";
import { usePicture } from "./picture";
import { useSending } from "./sending";
import { drafts, type Held } from "./turn";
import { useDraft } from "./useDraft";
import type { View } from "./view";

export const letter = (look: number) => String.fromCharCode(65 + look);

export function AdjudicateTurn({ who, turn, held }: { who: string; turn: Turn; held: Held }) {
  const guideline = guidelineOf(turn);
  const things = useMemo(() => thingsOf(turn), [turn]);
  const taxonomy = useMemo(() => taxonomyOf(guideline, turn.looks.flat()), [guideline, turn]);
  const before = useMemo(() => drafts.find(who, turn.task, turn.token), [who, turn]);
  const [taken, setTaken] = useState<readonly Taken[]>(() => before?.taken ?? atFirst(things));
  const [editing, dispatch] = useReducer(edited, turn, () => opened(before?.items ?? [], taxonomy));
  const [edits, setEdits] = useState(() => (before?.items.length ?? 0) > 0);
  const [shown, setShown] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const items = itemsIn(editing);
  const kept = useDraft(who, turn, items, taken);
  const result = edits ? items : itemsTaken(things, taken);
  const next = useCallback(() => {
    kept.drop();
    void held.take();
  }, [kept, held]);
  const sending = useSending({
    ask: () => submitTurn(turn.task, turn.token, result.map((item) => sent(item.mark))),
    before: () => kept.save(true, result),
    done: next,
    lose: held.lose,
    back: () => kept.save(false),
  });
  const locked = sending.busy || held.lost !== "";
  const open = undecided(taken);
  const submit = () => !locked && (edits || open < 0) && sending.send();
  const edit = () => {
    dispatch({ type: "start", items: itemsTaken(things, taken) });
    setEdits(true);
  };
  const command = (given: Command) => {
    if (given.type === "guideline") setShown((was) => !was);
    else if (given.type === "submit") submit();
    else if (given.type === "skip" && !locked) setSkipping(true);
  };
  const buttons = (
    <Actions below={<Safe safety={kept.safety} online={held.online} />}>
      <Button size="compact-sm" disabled={locked || (!edits && open >= 0)} loading={sending.busy && !sending.waits} onClick={submit} rightSection={<Kbd size="xs">Enter</Kbd>}>
        Submit
      </Button>
      {edits ? (
        <Button size="compact-sm" variant="default" disabled={locked} onClick={() => setEdits(false)}>
          Back to the looks
        </Button>
      ) : (
        <Button size="compact-sm" variant="default" disabled={locked} onClick={edit} rightSection={<Kbd size="xs">E</Kbd>}>
          Edit the result
        </Button>
      )}
      <Button size="compact-sm" variant="default" disabled={locked} onClick={() => setSkipping(true)} rightSection={<Kbd size="xs">S</Kbd>}>
        Skip
      </Button>
    </Actions>
  );
  return (
    <>
      {held.lost && <Lost why={held.lost} draft={kept.draft()} onNext={() => void held.take()} />}
      {!held.online && !held.lost && <Offline waits={sending.waits} />}
      {sending.refused !== null && <Refused error={sending.refused} />}
      {edits ? (
        <Editor
          picture={turn.picture}
          label={`Frame to decide on, ${items.length} annotations`}
          editing={locked ? { ...editing, readOnly: true } : editing}
          dispatch={dispatch}
          onCommand={command}
          above={buttons}
          aside={shown && <GuidelineText of={guideline} />}
        />
      ) : (
        <SideBySide turn={turn} things={things} taxonomy={taxonomy} taken={taken} onTake={setTaken} onEdit={edit} onCommand={command} above={buttons} shown={shown} />
      )}
      <SkipDialog opened={skipping} onClose={() => setSkipping(false)} skip={(reason) => skipTurn(turn.task, turn.token, reason).then(next)} />
    </>
  );
}

interface SideProps {
  turn: Turn;
  things: readonly Thing[];
  taxonomy: Category[];
  taken: readonly Taken[];
  onTake: (taken: readonly Taken[]) => void;
  onEdit: () => void;
  onCommand: (command: Command) => void;
  above: React.ReactNode;
  shown: boolean;
}

function SideBySide({ turn, things, taxonomy, taken, onTake, onEdit, onCommand, above, shown }: SideProps) {
  const { size, failed, again } = usePicture(turn.picture);
  const [at, setAt] = useState(() => Math.max(0, undecided(taken)));
  const [view, setView] = useState<View | null>(null);
  const take = (look: Taken) => {
    if (look !== null && look !== NEITHER && !things[at]?.marks[look]) return;
    const after = taken.map((was, i) => (i === at ? look : was));
    onTake(after);
    const next = undecided(after, at);
    setAt(next < 0 ? at : next);
  };
  const go = (by: number) => setAt((was) => Math.min(Math.max(was + by, 0), Math.max(things.length - 1, 0)));
  useDecidingKeys({ looks: turn.looks.length, take, go, onEdit, onCommand });
  const open = taken.filter((one) => one === null).length;
  if (failed) return <Failed error={failed} again={again} />;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" role="status">
          {things.length === 0 ? "Nobody drew anything." : open === 0 ? "All is decided." : `${open} of ${things.length} things to decide. A, B: take one; N: neither.`}
        </Text>
        {above}
      </Group>
      {!size && <Waiting what="picture" />}
      {size && (
        <Group grow gap="sm" align="flex-start" style={{ ["--label-above" as string]: "430px" }}>
          {turn.looks.map((_, look) => (
            <LookPicture
              key={look}
              name={`Look ${letter(look)}`}
              picture={turn.picture}
              size={size}
              marks={things.map((thing) => thing.marks[look] ?? null)}
              taxonomy={taxonomy}
              at={at}
              onChoose={setAt}
              view={view}
              onView={setView}
              leads={look === 0}
            />
          ))}
        </Group>
      )}
      <Things things={things} taken={taken} at={at} onChoose={setAt} onTake={(i, look) => { setAt(i); onTake(taken.map((was, j) => (j === i ? look : was))); }} looks={turn.looks.length} />
      {shown && <GuidelineText of={guidelineOf(turn)} />}
    </Stack>
  );
}

interface ThingsProps {
  things: readonly Thing[];
  taken: readonly Taken[];
  at: number;
  looks: number;
  onChoose: (at: number) => void;
  onTake: (at: number, look: Taken) => void;
}

function Things({ things, taken, at, looks, onChoose, onTake }: ThingsProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  if (things.length === 0) return <Alert color="gray">Submit it empty, or edit the result.</Alert>;
  return (
    <div ref={place} style={{ maxHeight: 230, overflowY: "auto" }} tabIndex={0} role="region" aria-label="things to decide">
      <Table aria-label="things" stickyHeader verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>#</Table.Th>
            {Array.from({ length: looks }, (_, look) => (
              <Table.Th key={look}>Look {letter(look)}</Table.Th>
            ))}
            <Table.Th w={230}>Taken</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {things.map((thing, i) => (
            <Table.Tr key={i} aria-current={i === at ? "true" : undefined} bg={i === at ? "var(--mantine-color-default-hover)" : undefined} onClick={() => onChoose(i)}>
              <Table.Td className="figure">{i + 1}</Table.Td>
              {thing.marks.map((mark, look) => (
                <Table.Td key={look} c={mark ? undefined : "dimmed"}>
                  {mark ? wordsOf(mark) : "nothing"}
                </Table.Td>
              ))}
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  {thing.marks.map((mark, look) => (
                    <Button key={look} size="compact-xs" variant={taken[i] === look ? "filled" : "default"} aria-pressed={taken[i] === look} aria-label={`take look ${letter(look)} of ${i + 1}`} disabled={!mark} onClick={(event) => { event.stopPropagation(); onTake(i, look); }}>
                      {letter(look)}
                    </Button>
                  ))}
                  <Button size="compact-xs" variant={taken[i] === NEITHER ? "filled" : "default"} aria-pressed={taken[i] === NEITHER} aria-label={`take neither of ${i + 1}`} onClick={(event) => { event.stopPropagation(); onTake(i, NEITHER); }}>
                    Neither
                  </Button>
                  {taken[i] === null && <Badge size="xs" variant="light" color="orange" tt="none">open</Badge>}
                  {thing.agreed && taken[i] === 0 && <Text span size="xs" c="dimmed">agreed</Text>}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface DecidingKeys {
  looks: number;
  take: (look: Taken) => void;
  go: (by: number) => void;
  onEdit: () => void;
  onCommand: (command: Command) => void;
}

/** A, B, C take a look; N none; arrows go through things; E edits, Enter submits. */
function useDecidingKeys(keys: DecidingKeys): void {
  const held = useRef(keys);
  held.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (isTaken(target, event.key) || target.closest('[role="dialog"]')) return;
      const { looks, take, go, onEdit, onCommand } = held.current;
      const key = event.key.toLowerCase();
      const look = key.length === 1 ? key.charCodeAt(0) - 97 : -1;
      if (look >= 0 && look < looks) take(look);
      else if (key === "n" || key === "delete") take(NEITHER);
      else if (key === "arrowdown" || key === "arrowup") go(key === "arrowdown" ? 1 : -1);
      else if (key === "e") onEdit();
      else if (key === "enter") onCommand({ type: "submit" });
      else if (key === "s") onCommand({ type: "skip" });
      else if (key === "g") onCommand({ type: "guideline" });
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
