/** Labelling. The queue and the editor stand at the terminal for now; this page says how. */
import { Card, List, Text } from "@mantine/core";

import { CommandLine, Page } from "../parts/Page";

const LINES: [string, string][] = [
  ["Order labels of a selection", "ringroad labels order --help"],
  ["What waits for whom", "ringroad labels tasks"],
  ["How well annotators agree", "ringroad labels agreement"],
  ["Bring in labels of any tool", "ringroad labels import FILE"],
];

export function Label() {
  return (
    <Page title="Label" about="Not in the browser yet" cli="ringroad labels tasks">
      <Card withBorder>
        <Text size="sm" mb="xs">
          Tasks, review and agreement are at the terminal in this version:
        </Text>
        <List spacing="xs" size="sm">
          {LINES.map(([what, line]) => (
            <List.Item key={what}>
              {what}
              <CommandLine text={line} />
            </List.Item>
          ))}
        </List>
      </Card>
    </Page>
  );
}
