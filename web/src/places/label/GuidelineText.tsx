/** The guideline beside the work: its text as it was written, and what each category may be. */
import { Badge, Group, Stack, Text, Title } from "@mantine/core";

import { colourOf } from "./colours";
import type { Guideline } from "./marks";

export function GuidelineText({ of, level = 2 }: { of: Guideline | null; level?: 2 | 3 }) {
  if (!of)
    return (
      <Text size="sm" c="dimmed">
        No guideline was ordered: anything may be drawn.
      </Text>
    );
  return (
    <Stack gap="xs" className="label-guideline" tabIndex={0} role="region" aria-label="guideline">
      <Title order={level} size="h6">
        Guideline {of.name}
      </Title>
      {of.text && <Written text={of.text} />}
      {of.min_side_px > 0 && <Text size="sm">Leave out what is smaller than {of.min_side_px} px on its shorter side.</Text>}
      {of.taxonomy.categories.map((one) => (
        <div key={one.name}>
          <Group gap={6}>
            <span aria-hidden className="label-swatch" style={{ background: colourOf(of.taxonomy.categories, one.name) }} />
            <Text size="sm" fw={600}>
              {one.name}
            </Text>
            {one.parent && (
              <Text size="xs" c="dimmed">
                a kind of {one.parent}
              </Text>
            )}
            {one.shapes.map((shape) => (
              <Badge key={shape} size="xs" variant="default" tt="none">
                {shape}
              </Badge>
            ))}
          </Group>
          {Object.entries(one.attributes ?? {}).map(([name, values]) => (
            <Text key={name} size="xs" c="dimmed" pl={17}>
              {name.replaceAll("_", " ")}: {values.length > 0 ? values.join(", ") : "any text"}
            </Text>
          ))}
        </div>
      ))}
    </Stack>
  );
}

/** Of Markdown, headings, list items and bold words; the rest as it stands. */
function Written({ text }: { text: string }) {
  return (
    <div>
      {text.split("\n").map((line, i) => {
        const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
        const item = /^\s*[-*]\s+(.*)$/.exec(line)?.[1];
        if (heading !== undefined) return <Text key={i} size="sm" fw={700} mt={6}>{heading}</Text>;
        return <Text key={i} size="sm" pl={item === undefined ? 0 : 12}>{item === undefined ? bold(line) : <>• {bold(item)}</>}</Text>;
      })}
    </div>
  );
}

function bold(line: string) {
  return line.split(/\*\*(.+?)\*\*/).map((part, i) => (i % 2 ? <b key={i}>{part}</b> : part));
}
