/** To the Rerun viewer: the recording is written for it once, then opens on our own origin. */
import { Button, Modal, NumberInput, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { useMe } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { bytes } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed } from "../../parts/States";
import { useRunning, Work } from "../../parts/Work";

export function RerunButton({ recording, seconds }: { recording: string; seconds: number }) {
  const [opened, { open, close }] = useDisclosure();
  const may = useMe().data?.operations.includes("make_view") ?? false;
  return (
    <>
      <Tooltip label={may ? "Opens here; nothing leaves this server" : "Your role may not write views: ask an engineer"}>
        <Button size="compact-sm" variant="default" disabled={!may} onClick={open}>
          Rerun viewer
        </Button>
      </Tooltip>
      <Modal opened={opened} onClose={close} title="In the Rerun viewer">
        {opened && <Form recording={recording} seconds={seconds} />}
      </Modal>
    </>
  );
}

function Form({ recording, seconds }: { recording: string; seconds: number }) {
  const [from, setFrom] = useState<number | string>(0);
  const [until, setUntil] = useState<number | string>(Math.ceil(Math.min(seconds, 60)));
  const [operation, setOperation] = useState("");
  const work = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/rerun-views", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { recording, from_s: Number(from) > 0 ? Number(from) : null, until_s: Number(until) >= seconds ? null : Number(until) },
        }),
      ),
    onSuccess: (told) => setOperation(told.operation.id),
  });
  const running = useRunning(operation);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        work.mutate();
      }}
    >
      <Stack>
        <NumberInput label="From (s)" min={0} max={seconds} value={from} onChange={setFrom} />
        <NumberInput label="Until (s)" min={0} value={until} onChange={setUntil} description={`It lasts ${seconds.toFixed(1)} s`} />
        {work.error && <Failed error={work.error} />}
        {operation && (
          <Work key={operation} id={operation} what="Writing the view">
            {(made) => (
              <Stack>
                <Text size="sm">It is ready: {bytes(Number(made.size_bytes))}.</Text>
                <Button component="a" href={String(made.address)} target="_blank" rel="noreferrer">
                  Open the Rerun viewer
                </Button>
              </Stack>
            )}
          </Work>
        )}
        <Button type="submit" loading={work.isPending || running}>
          Write it for the viewer
        </Button>
        <CommandLine text={`ringroad recordings export ${recording} --to view.rrd`} />
      </Stack>
    </form>
  );
}
