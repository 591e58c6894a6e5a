/** A page: its title, what stands beside it, and at the foot its JSON and its command line. */
import { Anchor, Box, Code, CopyButton, Group, List, Stack, Text, Title, Tooltip, UnstyledButton } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

import { Icon } from "./Icon";

interface Props {
  title: string;
  about?: ReactNode;
  aside?: ReactNode;
  cli?: string | undefined;
  json?: string;
  children: ReactNode;
}

export function Page({ title, about, aside, cli, json, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Ringroad`;
  }, [title]);
  return (
    <Stack gap="md" pb="xl">
      <Group justify="space-between" align="flex-start" wrap="wrap">
        <Box>
          <Title order={1} size="h3" className="break">
            {title}
          </Title>
          {about && (
            <Text c="dimmed" size="sm" component="div">
              {about}
            </Text>
          )}
        </Box>
        {aside}
      </Group>
      {children}
      {(cli || json) && <Foot cli={cli} json={json} />}
    </Stack>
  );
}

function Foot({ cli, json }: { cli?: string | undefined; json?: string | undefined }) {
  return (
    <Group gap="sm" component="footer" mt="lg" wrap="wrap" style={{ borderTop: "1px solid var(--mantine-color-default-border)", paddingTop: 10 }}>
      {json && (
        <Anchor href={json} size="xs" target="_blank" rel="noreferrer">
          JSON
        </Anchor>
      )}
      {cli && <CommandLine text={cli} />}
    </Group>
  );
}

/** A line to copy; `shown` stands for it where it is long. */
export function CommandLine({ text, shown }: { text: string; shown?: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "At a terminal; click to copy"}>
          <UnstyledButton onClick={copy} aria-label={`copy command ${shown ?? text}`}>
            <Group gap={6} wrap="nowrap">
              <Icon name="copy" size={14} />
              <Code className="break">{shown ?? text}</Code>
            </Group>
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** What to do at a terminal, each with its line. */
export function Commands({ of }: { of: readonly (readonly [what: string, line: string])[] }) {
  return (
    <List spacing="xs" size="sm">
      {of.map(([what, line]) => (
        <List.Item key={what}>
          <Box>{what}</Box>
          <CommandLine text={line} />
        </List.Item>
      ))}
    </List>
  );
}
