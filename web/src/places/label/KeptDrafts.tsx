/** Work that lies in this browser and was not sent: it is somebody's, and nobody else has it. */
import { Alert, Button, Group, Table, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { Download } from "./Saved";
import { useConnection } from "./connection";
import type { Draft } from "./drafts";
import { frameName } from "./names";
import { drafts, sendWaiting } from "./turn";

export function KeptDrafts({ who }: { who: string }) {
  const [kept, setKept] = useState<Draft[]>([]);
  const online = useConnection();
  useEffect(() => {
    if (!who) return;
    setKept(drafts.of(who));
    if (online) void sendWaiting(who).then(() => setKept(drafts.of(who)));
  }, [who, online]);
  if (kept.length === 0) return null;
  return (
    <Alert color="blue" title={kept.length === 1 ? "A draft in this browser" : `${kept.length} drafts in this browser`} py="xs">
      <Text size="sm">{kept.length === 1 ? "It was" : "They were"} not sent. The draft of the task that you hold comes up when you go on with it.</Text>
      <Table aria-label="drafts" verticalSpacing={4}>
        <Table.Tbody>
          {kept.map((draft) => (
            <Table.Tr key={`${draft.task} ${draft.token}`}>
              <Table.Td>{frameName(draft.frame)}</Table.Td>
              <Table.Td>{draft.order}</Table.Td>
              <Table.Td className="figure">{draft.items.length} annotations</Table.Td>
              <Table.Td className="figure">{new Date(draft.saved_ms).toLocaleString()}</Table.Td>
              <Table.Td>
                <Group gap={6} wrap="nowrap" justify="flex-end">
                  {draft.sending && <Text size="xs">waits for the connection</Text>}
                  <Download draft={draft} />
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`discard the draft of ${draft.frame}`}
                    onClick={() => {
                      drafts.drop(draft);
                      setKept(drafts.of(who));
                    }}
                  >
                    Discard
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Alert>
  );
}
