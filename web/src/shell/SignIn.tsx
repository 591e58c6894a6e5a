/** Lets somebody in who has a token; a browser on the server's own machine opens the printed address. */
import { Button, Card, Divider, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Problem } from "../api/client";

async function enter(token: string): Promise<void> {
  const answer = await fetch("/enter", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
}

/** What the single sign-on is called; null where there is none. */
async function ways(): Promise<string | null> {
  const answer = await fetch("/enter/ways");
  const told = (await answer.json().catch(() => ({}))) as { oidc?: string | null };
  return told.oidc ?? null;
}

export function SignIn() {
  const sso = useQuery({ queryKey: ["enter", "ways"], queryFn: ways, staleTime: Infinity }).data;
  const [token, setToken] = useState("");
  const answers = useQueryClient();
  const work = useMutation({ mutationFn: enter, onSuccess: () => answers.resetQueries() });
  return (
    <Card withBorder maw={480} mx="auto" mt="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate(token.trim());
        }}
      >
        <Stack gap="sm">
          <Title order={1} size="h3">
            Sign in
          </Title>
          {sso && (
            <>
              <Button component="a" href="/enter/oidc">
                Sign in with {sso}
              </Button>
              <Divider label="or" />
            </>
          )}
          <Text size="sm">
            On the server's own machine, open the address that <code>ringroad serve</code> printed: it lets a browser
            in, once. From elsewhere, give the token that <code>ringroad tokens create</code> made for you.
          </Text>
          <PasswordInput
            label="Token"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={work.error instanceof Error && `${work.error.message}. Ask an admin for a new one.`}
            autoComplete="current-password"
            required
          />
          <Button type="submit" variant={sso ? "light" : "filled"} loading={work.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
