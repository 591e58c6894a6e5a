/** Why a frame is given back: a usual reason by its digit, or in words. */
import { Button, Group, Kbd, Modal, Stack, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

import { Refused } from "./Saved";

const USUAL = ["The picture is blurred or dark", "The guideline does not say", "The picture does not open"];

interface Props {
  opened: boolean;
  onClose: () => void;
  skip: (reason: string) => Promise<unknown>;
}

export function SkipDialog({ opened, onClose, skip }: Props) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (opened) setError(null);
  }, [opened]);
  const go = (why: string) => {
    if (!why.trim()) return;
    skip(why.trim()).then(onClose, setError);
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Skip this frame: why?" returnFocus>
      <Stack
        gap="xs"
        onKeyDown={(event) => {
          const usual = USUAL[Number(event.key) - 1];
          if (usual && reason === "") {
            event.preventDefault();
            go(usual);
          }
        }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            go(reason);
          }}
        >
          <TextInput label="Reason" data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} placeholder="It goes to somebody else" maxLength={1000} />
          <Group gap="xs" mt="xs">
            {USUAL.map((usual, at) => (
              <Button key={usual} size="compact-sm" variant="default" leftSection={<Kbd size="xs">{at + 1}</Kbd>} onClick={() => go(usual)}>
                {usual}
              </Button>
            ))}
          </Group>
          {error !== null && <Refused error={error} />}
          <Button mt="md" type="submit" disabled={!reason.trim()}>
            Skip
          </Button>
        </form>
      </Stack>
    </Modal>
  );
}
