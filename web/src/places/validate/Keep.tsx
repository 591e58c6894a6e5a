/** Keep frames as a selection: those that were picked, or all that are shown. */
import { Anchor, Button, Group, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data, idempotencyKey } from "../../api/client";
import { many } from "../../parts/Figure";
import { Failed } from "../../parts/States";
import { useMay } from "../../parts/Work";

export function Keep({ frames, all, reason }: { frames: readonly string[]; all: readonly string[]; reason: string }) {
  const [name, setName] = useState("");
  const { may, why } = useMay("add_to_selection");
  const queries = useQueryClient();
  const chosen = frames.length > 0 ? frames : all;
  const send = useMutation({
    mutationFn: () => data(api.POST("/api/v1/selections/{name}", { params: { path: { name }, header: { "Idempotency-Key": idempotencyKey() } }, body: { frames: [...chosen], reason } })),
    onSuccess: (told) => {
      void queries.invalidateQueries({ queryKey: ["selections"] });
      notifications.show({ message: `${told.name} holds ${many(told.frames ?? 0, "frame")}` });
    },
  });
  return (
    <Group align="flex-end">
      <TextInput label="Add to the selection" placeholder="night-errors" value={name} onChange={(event) => setName(event.currentTarget.value)} w={220} />
      <Button variant="light" disabled={!may || !name || chosen.length === 0} title={why} loading={send.isPending} onClick={() => send.mutate()}>
        {frames.length > 0 ? `Keep the ${many(frames.length, "frame")} picked` : `Keep all ${many(all.length, "frame")} shown`}
      </Button>
      {send.data && (
        <Anchor renderRoot={(props) => <Link to="/curate" search={{ selection: send.data.name }} {...props} />} size="sm">
          Open {send.data.name}
        </Anchor>
      )}
      {send.error && <Failed error={send.error} />}
    </Group>
  );
}
