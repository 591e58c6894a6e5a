/** Merge one dataset into another: what comes over by itself, and every conflict with both sides. */
import { Alert, Anchor, Badge, Button, Card, Group, Pagination, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { Problem, api, data, idempotencyKey } from "../../api/client";
import { count, many } from "../../parts/Figure";
import { Legend } from "../../parts/Marked";
import { Page } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Work, useMay } from "../../parts/Work";
import { useKept } from "../../parts/useKept";
import { ClaimConflict, Conflict, type HeaderConflict, type RowConflict, type Take } from "./Conflict";
import { useMarks, useMerge, useVersions } from "./ask";

const AT_ONCE = 10;

export function Merge() {
  const { into = "", other = "" } = useSearch({ from: "/datasets/merge" });
  const go = useNavigate();
  const versions = useVersions();
  const asked = useMerge(into, other);
  const names = (versions.data?.items ?? []).flatMap((one) => one.names).sort();
  const choose = (search: { into?: string | undefined; other?: string | undefined }) => void go({ to: "/datasets/merge", search });
  return (
    <Page title="Merge" about="Cell by cell, from the newest version that both descend from" cli={asked.data?.cli} json={into && other ? `/api/v1/datasets/${encodeURIComponent(into)}/merge?other=${encodeURIComponent(other)}` : "/api/v1/datasets"}>
      <Group align="flex-end">
        <Select label="Into (ours)" w={260} searchable data={names.filter((name) => !name.includes("@"))} value={into || null} onChange={(value) => choose({ into: value ?? undefined, other })} />
        <Select label="From (theirs)" w={260} searchable data={other && !names.includes(other) ? [...names, other] : names} value={other || null} onChange={(value) => choose({ into, other: value ?? undefined })} />
      </Group>
      {into && other && asked.isPending && <Waiting what="merge" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Planned key={`${asked.data.ours} ${asked.data.theirs}`} of={asked.data} into={into} other={other} />}
    </Page>
  );
}

/** What was decided so far; kept until it is sent. */
interface Decisions {
  taken: Record<string, Take>;
  claimed: Record<string, "ours" | "theirs">;
}

function Planned({ of, into, other }: { of: Schemas["MergePreview"]; into: string; other: string }) {
  const rows = of.rows as unknown as RowConflict[];
  const claims = of.header as unknown as HeaderConflict[];
  const [{ taken, claimed }, decide, forget] = useKept<Decisions>(`ringroad.merge ${of.ours} ${of.theirs}`, { taken: {}, claimed: {} });
  const decided = Object.keys(taken).length + Object.keys(claimed).length;
  const all = (side: "ours" | "theirs") =>
    decide({ taken: Object.fromEntries(rows.map((row) => [row.frame, side])), claimed: Object.fromEntries(claims.map((claim) => [claim.field, side])) });
  if (of.already) return <Alert color="gray" variant="outline" title={`${into} holds ${other} already`}>There is nothing to merge.</Alert>;
  return (
    <>
      <Card withBorder>
        <Group gap="lg">
          {of.forward ? (
            <Text size="sm">{other} continues {into}: the name moves on, and nothing has to be merged.</Text>
          ) : (
            <>
              <Text size="sm">
                <b className="figure">{many(of.put, "row")}</b> and <b className="figure">{many(of.removed, "removal")}</b> come over by themselves
              </Text>
              <Badge size="lg" variant="light" color={of.conflicts ? "orange" : "teal"} tt="none">
                {of.conflicts ? many(of.conflicts, "conflict") : "no conflicts"}
              </Badge>
              <Text size="xs" c="dimmed">
                from {of.base.map((id) => id.slice(8, 18)).join(" and ") || "no common version"}
              </Text>
            </>
          )}
        </Group>
        {of.hindrance && (
          <Alert mt="sm" color="red" title="It would be refused, whatever is decided">
            {of.hindrance}
          </Alert>
        )}
      </Card>
      {of.conflicts > 0 && (
        <Group justify="space-between">
          <Group gap="lg">
            <Text size="sm" fw={600} aria-live="polite">
              {decided} of {count(of.conflicts)} decided
            </Text>
            <Legend of={["before", "after", "kept"]} />
          </Group>
          <Group gap="xs">
            <Button size="compact-sm" variant="light" onClick={() => all("ours")}>
              All ours
            </Button>
            <Button size="compact-sm" variant="light" onClick={() => all("theirs")}>
              All theirs
            </Button>
            <Button size="compact-sm" variant="subtle" disabled={decided === 0} onClick={() => decide({ taken: {}, claimed: {} })}>
              Undecide all
            </Button>
          </Group>
        </Group>
      )}
      {claims.map((claim) => (
        <ClaimConflict key={claim.field} of={claim} taken={claimed[claim.field]} onTake={(side) => decide({ taken, claimed: { ...claimed, [claim.field]: side } })} />
      ))}
      <Rows of={of} rows={rows} taken={taken} onTake={(frame, take) => decide({ taken: { ...taken, [frame]: take }, claimed })} />
      {of.conflicts > rows.length + claims.length && <Text size="sm">The first {count(rows.length)} are shown. Decide the rest with all ours or all theirs, or at the command line by file.</Text>}
      <Send of={of} into={into} other={other} taken={taken} claimed={claimed} open={of.conflicts - decided} onSent={forget} />
    </>
  );
}

function Rows({ of, rows, taken, onTake }: { of: Schemas["MergePreview"]; rows: RowConflict[]; taken: Record<string, Take>; onTake: (frame: string, take: Take) => void }) {
  const [page, setPage] = useState(1);
  const shown = rows.slice((page - 1) * AT_ONCE, page * AT_ONCE);
  const frames = shown.map((row) => row.frame);
  const ours = useMarks(of.ours, frames);
  const theirs = useMarks(of.theirs, frames);
  const base = useMarks(of.base[0] ?? of.ours, frames);
  if (rows.length === 0) return null;
  const at = (asked: typeof ours, frame: string) => asked.data?.frames.find((one) => one.frame === frame);
  return (
    <Stack>
      {shown.map((row) => (
        <Conflict key={row.frame} of={row} ours={at(ours, row.frame)} theirs={at(theirs, row.frame)} base={at(base, row.frame)} taken={taken[row.frame]} onTake={(take) => onTake(row.frame, take)} />
      ))}
      {rows.length > AT_ONCE && <Pagination total={Math.ceil(rows.length / AT_ONCE)} value={page} onChange={setPage} getItemProps={(place) => ({ "aria-label": `page ${place}` })} getControlProps={(control) => ({ "aria-label": `${control} page` })} />}
    </Stack>
  );
}

interface SendProps {
  of: Schemas["MergePreview"];
  into: string;
  other: string;
  taken: Record<string, Take>;
  claimed: Record<string, "ours" | "theirs">;
  open: number;
  onSent: () => void;
}

function Send({ of, into, other, taken, claimed, open, onSent }: SendProps) {
  const { may, why } = useMay("merge_datasets");
  const sides = new Set([...Object.values(taken), ...Object.values(claimed)]);
  const one = sides.size === 1 ? [...sides][0] : undefined;
  const rest = open > 0 && (one === "ours" || one === "theirs") && of.rows.length + of.header.length < of.conflicts ? one : null;
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/v1/datasets/{id}:merge", {
          params: { path: { id: into }, header: { "if-match": `"${of.ours}"`, "Idempotency-Key": idempotencyKey() } },
          body: { other: of.theirs, unrelated: false, take: rest, rows: taken, header: claimed },
        }),
      ) as Promise<{ operation: { id: string } }>,
    onSuccess: onSent,
  });
  const moved = send.error instanceof Problem && send.error.status === 412;
  return (
    <Card withBorder>
      <Group>
        <Button disabled={!may || Boolean(of.hindrance) || (open > 0 && !rest)} title={why} loading={send.isPending} onClick={() => send.mutate()}>
          Merge {other} into {into}
        </Button>
        {open > 0 && !rest && <Text size="sm">{many(open, "conflict")} to decide first</Text>}
        {!may && <Text size="xs">{why}</Text>}
      </Group>
      {moved && (
        <Alert mt="sm" color="orange" title={`${into} moved on while you decided`}>
          <Anchor renderRoot={(props) => <Link to="/datasets/compare" search={{ from: of.ours, to: into }} {...props} />} size="sm">
            See what came in between
          </Anchor>
          , then open the merge again: it is made on the newest version.
        </Alert>
      )}
      {send.error && !moved && <Failed error={send.error} />}
      {send.data && (
        <Work id={send.data.operation.id} what="Merge" renews={["datasets", "dataset", "names"]}>
          {(result) => (
            <Alert mt="sm" color="teal" title={`Merged: ${many(Number(result.put), "row")} put, ${many(Number(result.removed), "frame")} removed`}>
              <Group>
                <Anchor renderRoot={(props) => <Link to="/dataset/$" params={{ _splat: String(result.dataset) }} {...props} />} size="sm">
                  The merged version
                </Anchor>
                <Anchor renderRoot={(props) => <Link to="/datasets/compare" search={{ from: of.ours, to: String(result.dataset) }} {...props} />} size="sm">
                  What it changed
                </Anchor>
              </Group>
            </Alert>
          )}
        </Work>
      )}
    </Card>
  );
}

