/** The keyboard map. */
import { Kbd, Modal, Table } from "@mantine/core";

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
];

export function Keys({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const rows: [string, string][] = [
    ...[...PLACES, GEAR].map((place): [string, string] => [`Alt ${place.key}`, place.name]),
    ...OTHERS,
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Keys">
      <Table>
        <Table.Tbody>
          {rows.map(([key, what]) => (
            <Table.Tr key={key}>
              <Table.Td w={110}>
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
