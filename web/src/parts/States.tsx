/** What a page shows while it waits, when there is nothing, and when something went wrong. */
import { Alert, Button, Center, Code, Loader, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { Problem } from "../api/client";

export function Waiting({ what }: { what: string }) {
  return (
    <Center mih={160} role="status" aria-label={`loading ${what}`}>
      <Loader size="sm" />
    </Center>
  );
}

export function Nothing({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={520}>
        {children}
      </Text>
      {command && <Code>{command}</Code>}
    </Stack>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const offline = !problem && error instanceof TypeError;
  return (
    <Alert color={offline ? "orange" : "red"} title={offline ? "The server cannot be reached" : (problem?.title ?? "This did not work")}>
      <Stack gap={6} align="flex-start">
        <Text size="sm" className="break">
          {offline ? "It may have been stopped. What is on this page is kept." : (problem?.detail ?? String(error))}
        </Text>
        {problem?.hint && (
          <Text size="sm" c="dimmed">
            What to do: {problem.hint}
          </Text>
        )}
        {problem?.requestId && (
          <Text size="xs" c="dimmed" className="mono">
            request {problem.requestId}
          </Text>
        )}
        {again && (
          <Button size="compact-sm" variant="light" onClick={again}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
