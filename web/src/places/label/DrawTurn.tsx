/** A frame to draw, or to mend: drawn, kept as it is drawn, submitted. */
import { Alert, Button, Group, Kbd, Text } from "@mantine/core";
import { useCallback, useMemo, useReducer, useState } from "react";

import { picture } from "../../api/ask";
import { Actions } from "./Actions";
import { Editor } from "./Editor";
import { GuidelineText } from "./GuidelineText";
import { Neighbours, Peeking } from "./Neighbours";
import { Lost, Offline, Refused, Safe } from "./Saved";
import { SkipDialog } from "./SkipDialog";
import { guidelineOf, skipTurn, submitTurn } from "./ask";
import { notesOf } from "./comments";
import { edited, itemsIn, opened } from "./editing";
import type { Command } from "./keys";
import { sent, taxonomyOf, type Turn } from "./marks";
import { useSending } from "./sending";
import type { Held } from "./turn";
import { begins, earlierDraft, useDraft } from "./useDraft";

interface Props {
  who: string;
  turn: Turn;
  held: Held;
}

export function DrawTurn({ who, turn, held }: Props) {
  const guideline = guidelineOf(turn);
  const [editing, dispatch] = useReducer(edited, turn, () => opened(begins(who, turn).items, taxonomyOf(guideline, turn.marks)));
  const items = itemsIn(editing);
  const [earlier, setEarlier] = useState(() => earlierDraft(who, turn));
  const [shown, setShown] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const kept = useDraft(who, turn, items);
  const next = useCallback(() => {
    kept.drop();
    void held.take();
  }, [kept, held]);
  const ask = useCallback(() => submitTurn(turn.task, turn.token, items.map((item) => sent(item.mark))), [turn, items]);
  const sending = useSending({
    ask,
    before: () => kept.save(true),
    done: next,
    lose: held.lose,
    back: () => kept.save(false),
  });
  const [peek, setPeek] = useState("");
  const locked = sending.busy || held.lost !== "" || peek !== "";
  const onCommand = useCallback(
    (command: Command) => {
      if (command.type === "guideline") return setShown((was) => !was);
      if (command.type === "escape") return setPeek("");
      if (locked) return;
      if (command.type === "submit") sending.send();
      if (command.type === "skip") setSkipping(true);
    },
    [locked, sending],
  );
  const notes = useMemo(() => notesOf(turn.note), [turn.note]);
  return (
    <>
      {held.lost && <Lost why={held.lost} draft={kept.draft()} onNext={() => void held.take()} />}
      {!held.online && !held.lost && <Offline waits={sending.waits} />}
      {sending.refused !== null && <Refused error={sending.refused} />}
      {notes.general && <Alert color="orange" title="Sent back" py="xs"><Text size="sm" style={{ whiteSpace: "pre-wrap" }}>{notes.general}</Text></Alert>}
      {peek && <Peeking onBack={() => setPeek("")} />}
      {earlier && (
        <Alert color="blue" title="There is a draft of yours that was not sent" py="xs">
          <Text size="sm">
            {earlier.items.length} annotations, {new Date(earlier.saved_ms).toLocaleString()}. It was drawn under an earlier lease of this task.
          </Text>
          <Group gap="xs" mt="xs">
            <Button size="compact-sm" onClick={() => { dispatch({ type: "start", items: earlier.items }); setEarlier(null); }}>
              Go on with the draft
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setEarlier(null)}>
              Begin anew
            </Button>
          </Group>
        </Alert>
      )}
      <Editor
        picture={peek ? picture(peek, "recorded") : turn.picture}
        label={peek ? "A neighbour, to look at only" : `Frame with ${items.length} annotations`}
        editing={locked ? { ...editing, readOnly: true, hidden: editing.hidden || peek !== "" } : editing}
        dispatch={dispatch}
        below={<Neighbours frame={turn.frame} peek={peek} onPeek={setPeek} />}
        onCommand={onCommand}
        noted={notes.at}
        above={
          <Actions below={<Safe safety={kept.safety} online={held.online} />}>
            <Button size="compact-sm" disabled={locked} loading={sending.busy && !sending.waits} onClick={sending.send} rightSection={<Kbd size="xs">Enter</Kbd>}>
              Submit
            </Button>
            <Button size="compact-sm" variant="default" disabled={locked} onClick={() => setSkipping(true)} rightSection={<Kbd size="xs">S</Kbd>}>
              Skip
            </Button>
          </Actions>
        }
        aside={(shown || !guideline?.text) ? shown && <GuidelineText of={guideline} /> : undefined}
      />
      <SkipDialog
        opened={skipping}
        onClose={() => setSkipping(false)}
        skip={(reason) => skipTurn(turn.task, turn.token, reason).then(next)}
      />
    </>
  );
}
