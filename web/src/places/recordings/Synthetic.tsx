/** Marks what the simulator made. */
import { Badge } from "@mantine/core";

export function Synthetic() {
  return (
    <Badge size="xs" color="grape" variant="light" title="made by the simulator">
      synthetic
    </Badge>
  );
}
