/** One dataset version: what it holds, its frames, its names, what may be done with it. */
import { Alert, Badge, Group, Tabs, Text } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { count, moment } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Page } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Synthetic } from "../Recordings";
import { Append } from "./Append";
import { Composition } from "./Composition";
import { Export } from "./Export";
import { FramesOf } from "./FramesOf";
import { Looks } from "./Looks";
import { Names } from "./Names";
import { type Version, called, frames, useVersion } from "./ask";

const TABS = [
  ["holds", "What it holds"],
  ["frames", "Frames"],
  ["names", "Names and history"],
  ["test", "Test rows"],
  ["append", "Append"],
  ["export", "Export"],
] as const;

export function VersionPage() {
  const id = useParams({ from: "/dataset/$" })._splat ?? "";
  const { tab } = useSearch({ from: "/dataset/$" });
  const go = useNavigate();
  const asked = useVersion(id);
  if (asked.isPending) return <Waiting what="dataset version" />;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const version = asked.data.dataset;
  const at = encodeURIComponent(version.id);
  return (
    <Page title={version.names.length > 0 ? called(version, id) : version.header.name} about={<About of={version} title={called(version, id)} />} aside={<LineageButton id={version.id} />} cli={asked.data.cli} json={`/api/v1/datasets/${at}`}>
      {version.names.length === 0 && (
        <Alert color="gray" variant="outline" title="No name points at this version">
          It stays readable. Give it a tag, or branch from it, under Names and history.
        </Alert>
      )}
      <Tabs value={TABS.find(([one]) => one === tab)?.[0] ?? "holds"} onChange={(value) => void go({ to: "/dataset/$", params: { _splat: id }, search: { tab: value ?? undefined } })} keepMounted={false}>
        <Tabs.List>
          {TABS.map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="holds" pt="md">
          <Composition of={version} />
        </Tabs.Panel>
        <Tabs.Panel value="frames" pt="md">
          <FramesOf of={version} />
        </Tabs.Panel>
        <Tabs.Panel value="names" pt="md">
          <Names of={version} />
        </Tabs.Panel>
        <Tabs.Panel value="test" pt="md">
          <Looks of={version} />
        </Tabs.Panel>
        <Tabs.Panel value="append" pt="md">
          <Append of={version} />
        </Tabs.Panel>
        <Tabs.Panel value="export" pt="md">
          <Export of={version} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function About({ of, title }: { of: Version; title: string }) {
  return (
    <Group gap="sm">
      <span>{count(of.frames)} frames</span>
      <span>
        {Object.entries(of.splits)
          .map(([split, parts]) => `${split} ${count(frames(parts))}`)
          .join(", ")}
      </span>
      <span>{of.what}</span>
      {of.made_ns ? <span>{moment(of.made_ns)} UTC</span> : null}
      <Text span size="sm" className="mono" title={of.id}>
        {of.id.slice(0, 18)}
      </Text>
      {of.names.filter((name) => name !== title).map((name) => (
        <Badge key={name} size="sm" variant="outline" tt="none">
          {name}
        </Badge>
      ))}
      {of.header.locked && (
        <Badge size="sm" color="gray" variant="outline" tt="none">
          test rows locked
        </Badge>
      )}
      {of.header.synthetic && <Synthetic />}
    </Group>
  );
}
