/** Leave near-duplicates out of a selection, as long work of the service. */
import { Button, Checkbox, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { Failed } from "../../parts/States";
import { useRunning, Work } from "../../parts/Work";

export function Thin({ name }: { name: string }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Thin
      </Button>
      <Modal opened={opened} onClose={close} title={`${name} without near-duplicates`}>
        {opened && <Form name={name} />}
      </Modal>
    </>
  );
}

function Form({ name }: { name: string }) {
  const [save, setSave] = useState(`${name}-unlike`);
  const [radius, setRadius] = useState<number | string>(0.1);
  const [within, setWithin] = useState(false);
  const [operation, setOperation] = useState("");
  const work = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/thinnings", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: { name, save, radius: Number(radius), within_recording: within, against: "" },
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
        <TextInput label="Name of the new selection" required value={save} onChange={(event) => setSave(event.currentTarget.value)} data-autofocus />
        <NumberInput label="Radius" description="Frames nearer to one another are alike; half a second of road is about 0.09." min={0.001} max={2} step={0.01} value={radius} onChange={setRadius} />
        <Checkbox label="Only frames of one recording are alike" checked={within} onChange={(event) => setWithin(event.currentTarget.checked)} />
        {work.error && <Failed error={work.error} />}
        {operation && (
          <Work key={operation} id={operation} what="Thinning" renews={["selections"]}>
            {(told) => <Thinned as={save} of={told as unknown as Figures} />}
          </Work>
        )}
        <Group>
          <Button type="submit" loading={work.isPending || running}>
            Thin
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface Figures {
  before: number;
  after: number;
  effective_before: number;
  effective_after: number;
}

function Thinned({ as, of }: { as: string; of: Figures }) {
  return (
    <Stack>
      <Text size="sm">
        {of.after} of {of.before} frames stay. Effective number of different frames: {of.effective_before.toFixed(0)} before, {of.effective_after.toFixed(0)} now.
      </Text>
      <Button component={Link} to={`/curate?selection=${encodeURIComponent(as)}`}>
        Open {as}
      </Button>
    </Stack>
  );
}
