/** One selection: its frames, where it is from, and what to do with it. */
import { Button, Code, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";

import { count, many } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { useSelection } from "./ask";
import { Looked, useChosen } from "./Curate";
import { Keep } from "./Keep";
import { Thin } from "./Thin";

export function Selection({ name }: { name: string }) {
  const go = useNavigate();
  const { asked, first, pages } = useSelection(name);
  const { chosen, choose } = useChosen();
  const [saving, { open: save, close: saved }] = useDisclosure();
  const about = first && [count(first.count), "frames", first.query && `, found by ${first.query}`, first.reason && `, ${first.reason}`].filter(Boolean).join(" ");
  return (
    <Page
      title={`Selection ${name}`}
      about={about?.replaceAll(" ,", ",")}
      cli={first?.cli}
      json={`/api/v1/selections/${encodeURIComponent(name)}`}
      aside={
        <Group gap="xs">
          {chosen.size > 0 && (
            <Button size="compact-sm" variant="light" onClick={save}>
              Keep {many(chosen.size, "frame")}
            </Button>
          )}
          <Thin name={name} />
          {first && <LineageButton id={first.id} />}
          <Button variant="subtle" size="compact-sm" onClick={() => void go({ to: "/curate", search: { view: "selections" } })}>
            All selections
          </Button>
        </Group>
      }
    >
      {asked.isPending && <Waiting what="selection" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {first && (
        <Text size="xs" className="mono break" c="dimmed">
          {first.id}
        </Text>
      )}
      {pages?.count === 0 && (
        <Nothing title="It holds no frame">
          <Code>ringroad selections add {name} FRAME</Code>
        </Nothing>
      )}
      {pages && pages.count > 0 && (
        <Looked pages={pages} chosen={chosen} choose={choose} onLike={(like, crop) => void go({ to: "/curate", search: { like, crop: crop || undefined } })} label={`${count(pages.count)} frames of ${name}`} />
      )}
      <Keep opened={saving} onClose={saved} wish={{ q: "", like: "", crop: "" }} chosen={chosen} />
    </Page>
  );
}
