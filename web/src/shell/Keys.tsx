/** The keyboard map. */
import { Kbd, Modal, Table, Title } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";

import { KEYS } from "../places/label/keys";
import { GEAR, PLACES } from "./places";

const OTHERS: [string, string][] = [
  ["Ctrl K", "Go to a place, recording, selection or dataset"],
  ["?", "This list"],
  ["← →", "Recording: one frame back, one on; with Shift ten"],
  [", .", "Recording: one second back, one on"],
  ["[ ]", "Recording: to the event or finding before, behind"],
  ["+ − 0", "Recording: zoom the axis of time, show all of it"],
  ["Space", "Recording: play, pause"],
  ["x", "Curate: choose the frame that has the focus; Shift-click a range"],
  ["N", "Label: next task"],
];
const DECIDING: [string, string][] = [
  ["A, B, C", "Take that look's mark of the thing"],
  ["N", "Take neither"],
  ["↑ ↓", "The thing before, behind"],
  ["E", "Edit the result"],
  ["Enter, S", "Submit, skip"],
];

export function Keys({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const labels = useLocation().pathname.startsWith("/label/");
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size={labels ? "lg" : "md"}>
      {labels && <Rows title="Editor" of={KEYS} />}
      {labels && <Rows title="Looks side by side" of={DECIDING} />}
      <Rows
        title={labels ? "Everywhere" : ""}
        of={[...[...PLACES, GEAR].map((place): [string, string] => [`Alt ${place.key}`, place.name]), ...OTHERS]}
      />
    </Modal>
  );
}

function Rows({ title, of }: { title: string; of: readonly (readonly [keys: string, what: string])[] }) {
  return (
    <>
      {title && (
        <Title order={2} size="h6" mt="sm">
          {title}
        </Title>
      )}
      <Table verticalSpacing={3}>
        <Table.Tbody>
          {of.map(([key, what]) => (
            <Table.Tr key={key}>
              <Table.Td w={150}>
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
