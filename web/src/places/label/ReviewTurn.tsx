/** A verdict on annotations: accepted, or sent back with comments at them. */
import { Button, Kbd, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useCallback, useReducer, useRef, useState } from "react";

import { Actions } from "./Actions";
import { Editor } from "./Editor";
import { GuidelineText } from "./GuidelineText";
import { Lost, Offline, Refused } from "./Saved";
import { SkipDialog } from "./SkipDialog";
import { guidelineOf, reviewTurn, skipTurn } from "./ask";
import { linesOf } from "./comments";
import { chosenIn, edited, itemsIn, opened } from "./editing";
import type { Command } from "./keys";
import { itemsOf, taxonomyOf, type Turn } from "./marks";
import { useSending } from "./sending";
import type { Held } from "./turn";

export function ReviewTurn({ turn, held }: { turn: Turn; held: Held }) {
  const guideline = guidelineOf(turn);
  const [editing, dispatch] = useReducer(edited, turn, () => opened(itemsOf(turn.marks, "given"), taxonomyOf(guideline, turn.marks), true));
  const items = itemsIn(editing);
  const chosen = chosenIn(editing);
  const place = chosen ? items.indexOf(chosen) + 1 : 0;
  const [comments, setComments] = useState<ReadonlyMap<number, string>>(new Map());
  const [general, setGeneral] = useState("");
  const [shown, setShown] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const line = useRef<HTMLInputElement>(null);
  const lines = linesOf(general, comments, (at) => items[at - 1]?.mark.category ?? "");
  const accept = lines.length === 0;
  const next = useCallback(() => void held.take(), [held]);
  const sending = useSending({
    ask: () => reviewTurn(turn.task, turn.token, accept, lines),
    done: next,
    lose: held.lose,
  });
  const locked = sending.busy || held.lost !== "";
  const onCommand = useCallback(
    (command: Command) => {
      if (command.type === "guideline") return setShown((was) => !was);
      if (locked) return;
      if (command.type === "submit") sending.send();
      if (command.type === "skip") setSkipping(true);
    },
    [locked, sending],
  );
  return (
    <>
      {held.lost && <Lost why={held.lost} draft={null} onNext={next} />}
      {!held.online && !held.lost && <Offline waits={sending.waits} />}
      {sending.refused !== null && <Refused error={sending.refused} />}
      <Editor
        picture={turn.picture}
        label={`Frame to review, ${items.length} annotations`}
        editing={editing}
        dispatch={dispatch}
        onCommand={(command) => (command.type === "submit" || command.type === "skip" || command.type === "guideline" ? onCommand(command) : undefined)}
        noted={comments}
        above={
          <Actions>
            <Button size="compact-sm" disabled={locked || !accept} onClick={sending.send} rightSection={accept ? <Kbd size="xs">Enter</Kbd> : undefined}>
              Accept
            </Button>
            <Button size="compact-sm" color="orange.9" disabled={locked || accept} onClick={sending.send} rightSection={accept ? undefined : <Kbd size="xs">Enter</Kbd>}>
              Send back
            </Button>
            <Button size="compact-sm" variant="default" disabled={locked} onClick={() => setSkipping(true)} rightSection={<Kbd size="xs">S</Kbd>}>
              Skip
            </Button>
          </Actions>
        }
        aside={
          <Stack gap="xs">
            {place > 0 ? (
              <TextInput
                ref={line}
                size="xs"
                label={`What is wrong with ${place}`}
                value={comments.get(place) ?? ""}
                maxLength={900}
                onChange={(event) => setComments(new Map(comments).set(place, event.currentTarget.value))}
                onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
              />
            ) : (
              <Text size="xs" c="dimmed">
                Choose an annotation to say what is wrong with it.
              </Text>
            )}
            <Textarea
              size="xs"
              label="What is wrong with the frame"
              description="Such as something that is missing"
              value={general}
              maxLength={900}
              onChange={(event) => setGeneral(event.currentTarget.value)}
            />
            {shown && <GuidelineText of={guideline} />}
          </Stack>
        }
      />
      <SkipDialog opened={skipping} onClose={() => setSkipping(false)} skip={(reason) => skipTurn(turn.task, turn.token, reason).then(next)} />
    </>
  );
}
