/** What becomes of a task: buttons in one row, and below it whether the work is safe. */
import { Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";

export function Actions({ children, below }: { children: ReactNode; below?: ReactNode }) {
  return (
    <Stack gap={6} role="group" aria-label="task">
      <Group gap={6}>{children}</Group>
      {below}
    </Stack>
  );
}
