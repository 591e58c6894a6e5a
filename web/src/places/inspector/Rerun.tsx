/** To the Rerun viewer, where its extra is installed. */
import { Button } from "@mantine/core";

export function RerunButton({ recording }: { recording: string }) {
  return (
    <Button size="compact-sm" variant="default" component="a" href={`/rerun?recording=${encodeURIComponent(recording)}`}>
      Rerun viewer
    </Button>
  );
}
