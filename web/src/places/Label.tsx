/** Labelling. The queue and the editor stand at the terminal for now; this page says how. */
import { Card, Text } from "@mantine/core";

import { Commands, Page } from "../parts/Page";

const LINES = [
  ["Order labels of a selection", "ringroad labels order --help"],
  ["What waits for whom", "ringroad labels tasks"],
  ["How well annotators agree", "ringroad labels agreement"],
  ["Bring in labels of any tool", "ringroad labels import FILE"],
] as const;

export function Label() {
  return (
    <Page title="Label" about="Not in the browser yet" cli="ringroad labels tasks">
      <Card withBorder>
        <Text size="sm" mb="xs">
          Tasks, review and agreement are at the terminal in this version:
        </Text>
        <Commands of={LINES} />
      </Card>
    </Page>
  );
}
