/** The two pages of training: runs and studies. */
import { Anchor, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";

const PAGES = [
  ["/train", "Training runs"],
  ["/train/studies", "Studies"],
] as const;

export function Pages({ at }: { at: (typeof PAGES)[number][0] }) {
  return (
    <Group component="nav" gap="md" aria-label="pages of training">
      {PAGES.map(([path, name]) => (
        <Anchor key={path} renderRoot={(props) => <Link to={path} {...props} />} size="sm" fw={at === path ? 700 : 400} underline={at === path ? "always" : "hover"} aria-current={at === path ? "page" : undefined}>
          {name}
        </Anchor>
      ))}
    </Group>
  );
}
