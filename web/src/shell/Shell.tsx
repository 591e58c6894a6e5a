/** What stands around every page: places, search, theme, whether the server can be reached. */
import {
  ActionIcon, Alert, AppShell, Badge, Burger, Button, Group, Kbd, NavLink, Text, Tooltip, useComputedColorScheme, useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";

import { useAbout, useMe } from "../api/ask";
import { Problem } from "../api/client";
import { Icon } from "../parts/Icon";
import { Failed, Waiting } from "../parts/States";
import { Keys } from "./Keys";
import { Palette } from "./Palette";
import { SignIn } from "./SignIn";
import { GEAR, PLACES, type Place } from "./places";

export function Shell() {
  const [open, { toggle, close }] = useDisclosure();
  const [keys, { toggle: toggleKeys, close: closeKeys }] = useDisclosure();
  const about = useAbout();
  const me = useMe();
  const go = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  useHotkeys([
    ["shift+?", toggleKeys],
    ...[...PLACES, GEAR].map((place): [string, () => void] => [`alt+${place.key}`, () => void go({ to: place.path })]),
  ]);
  const unknown = about.error instanceof Problem && about.error.status === 401;
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 176, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="md"
    >
      <a href="#main" className="skip">
        To the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="places" />
            <img src="/ring.svg" width={22} height={22} alt="" />
            <Text fw={700}>Ringroad</Text>
            {about.data && (
              <Tooltip label={`version ${about.data.version}`}>
                <Badge variant="default" size="sm" tt="none">
                  {about.data.workspace}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button
              variant="default"
              size="xs"
              leftSection={<Icon name="search" size={14} />}
              rightSection={<Kbd size="xs">Ctrl K</Kbd>}
              onClick={spotlight.open}
              visibleFrom="xs"
            >
              Go to
            </Button>
            <Tooltip label="Keys">
              <ActionIcon variant="default" onClick={toggleKeys} aria-label="keys">
                <Icon name="keyboard" />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={scheme === "dark" ? "Light" : "Dark"}>
              <ActionIcon variant="default" onClick={toggleColorScheme} aria-label="light or dark">
                <Icon name="sun" />
              </ActionIcon>
            </Tooltip>
            {me.data && (
              <Text size="xs" c="dimmed" visibleFrom="sm">
                {me.data.who}, {me.data.role}
              </Text>
            )}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="places">
        {PLACES.map((place) => (
          <PlaceLink key={place.path} place={place} onClick={close} />
        ))}
        <div style={{ flex: 1 }} />
        <PlaceLink place={GEAR} onClick={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        {unknown ? (
          <SignIn />
        ) : (
          <>
            {about.error && !unknown && <Alert mb="md" color="orange" p={0}><Failed error={about.error} again={() => void about.refetch()} /></Alert>}
            <Suspense fallback={<Waiting what="page" />}>
              <Outlet />
            </Suspense>
          </>
        )}
      </AppShell.Main>
      <Palette />
      <Keys opened={keys} onClose={closeKeys} />
    </AppShell>
  );
}

function PlaceLink({ place, onClick }: { place: Place; onClick: () => void }) {
  const at = useLocation().pathname;
  const active = place.path === "/" ? at === "/" : at.startsWith(place.path) || (place.path === "/recordings" && at.startsWith("/recording/"));
  return (
    <NavLink
      component={Link}
      to={place.path}
      label={place.name}
      leftSection={<Icon name={place.icon} />}
      active={active}
      aria-current={active ? "page" : undefined}
      onClick={onClick}
    />
  );
}
