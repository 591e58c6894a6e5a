/** Keep frames under a name: those chosen by hand, what a query finds, or the query itself. */
import { Button, Checkbox, Modal, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { many } from "../../parts/Figure";
import { Failed } from "../../parts/States";
import type { Wish } from "./ask";

interface Props {
  opened: boolean;
  onClose: () => void;
  wish: Wish;
  chosen: ReadonlySet<string>;
}

/** A part of a frame stands in the query itself. */
function worded({ q, like, crop }: Wish): { query: string; like: string } {
  if (!crop) return { query: q, like };
  const ranking = `like('${like.replaceAll("'", "''")}', crop ${crop.replaceAll(",", " ")})`;
  return { query: q ? `(${q}) and ${ranking}` : ranking, like: "" };
}

export function Keep({ opened, onClose, wish, chosen }: Props) {
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
        : await data(api.POST("/api/v1/selections", { params, body: { ...worded(wish), name, text: "", living, limit: null } }));
      notifications.show({ message: `selection:${made.name} holds ${made.frames === null ? "what its query finds" : `${made.frames} frames`}` });
      await cache.invalidateQueries({ queryKey: ["selections"] });
      onClose();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={byHand ? `Keep ${many(chosen.size, "frame")}` : "Keep what the query finds"}>
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

