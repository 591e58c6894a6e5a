/** Whether the work is safe, and what to do where it is not. */
import { Alert, Badge, Button, Group, Text } from "@mantine/core";

import { Failed } from "../../parts/States";
import { workFile } from "./turn";
import type { Draft } from "./drafts";

export type Safety = "clean" | "saving" | "saved" | "full" | "sending";

const TOLD: Record<Safety, string> = {
  clean: "Nothing changed yet",
  saving: "Saving",
  saved: "Saved in this browser",
  full: "Not saved: this browser has no room",
  sending: "Sending",
};

export function Safe({ safety, online }: { safety: Safety; online: boolean }) {
  const colour = safety === "full" ? "red" : online ? "gray" : "orange";
  return (
    <Badge variant="light" color={colour} tt="none" role="status" data-testid="safety">
      {online ? TOLD[safety] : safety === "sending" ? "Offline, answer waits" : `Offline. ${TOLD[safety]}`}
    </Badge>
  );
}

export function Offline({ waits }: { waits: boolean }) {
  return (
    <Alert color="orange" title="The server cannot be reached" py="xs">
      {waits
        ? "Your answer is kept in this browser, and is sent when the connection is back. You may close this page."
        : "Go on: what you do is kept in this browser, and can be submitted when the connection is back."}
    </Alert>
  );
}

interface LostProps {
  why: string;
  draft: Draft | null;
  onNext: () => void;
}

/** The lease is gone: who has the task, and where the work is. */
export function Lost({ why, draft, onNext }: LostProps) {
  return (
    <Alert color="red" title="This task is not yours any more" py="xs">
      <Text size="sm" className="break">
        {why}. Nothing was sent. {draft ? "Your draft stays in this browser: keep it as a file, or go on to the next task." : "Go on to the next task."}
      </Text>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" onClick={onNext}>
          Next task
        </Button>
        {draft && <Download draft={draft} />}
      </Group>
    </Alert>
  );
}

export function Download({ draft }: { draft: Draft }) {
  const address = `data:application/json;charset=utf-8,${encodeURIComponent(workFile(draft))}`;
  return (
    <Button size="compact-sm" variant="default" component="a" href={address} download={`draft-${draft.task.slice(0, 12)}.json`}>
      Keep as a file
    </Button>
  );
}

export function Refused({ error }: { error: unknown }) {
  return <Failed error={error} />;
}
