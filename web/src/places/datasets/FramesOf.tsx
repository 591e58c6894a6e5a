/** Frames of a version, a page at a time, with the annotations that this version has. */
import { Anchor, Button, Card, Group, Pagination, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { api, data } from "../../api/client";
import { count } from "../../parts/Figure";
import { Legend, Marked } from "../../parts/Marked";
import { Failed, Waiting } from "../../parts/States";
import { type Version, useMarks } from "./ask";
import { drawn } from "./drawn";

const AT_ONCE = 12;

interface Row {
  frame_id: string;
  split: string;
  condition: string;
  unit: string;
  weight: number;
}

export function FramesOf({ of }: { of: Version }) {
  const { page: asks = 1 } = useSearch({ from: "/dataset/$" });
  const pages = Math.max(1, Math.ceil(of.frames / AT_ONCE));
  const page = Math.min(Math.max(1, Math.floor(asks)), pages);
  const go = useNavigate();
  const asked = useQuery({
    queryKey: ["rows", of.id, page],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/rows", { params: { path: { id: of.id }, query: { limit: AT_ONCE, offset: (page - 1) * AT_ONCE } } })),
    staleTime: Infinity,
  });
  const rows = (asked.data?.items ?? []) as unknown as Row[];
  const marks = useMarks(of.id, rows.map((row) => row.frame_id));
  const byFrame = new Map(marks.data?.frames.map((one) => [one.frame, one]));
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm">{count(asked.data?.count ?? of.frames)} frames, by id</Text>
        <Legend of={["plain"]} />
      </Group>
      {asked.isPending && <Waiting what="frames" />}
      {asked.error && <Failed error={asked.error} />}
      {marks.error && <Failed error={marks.error} />}
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3, xl: 4 }} spacing="xs">
        {rows.map((row) => {
          const told = byFrame.get(row.frame_id);
          return (
            <Card key={row.frame_id} withBorder p={6}>
              <Marked frame={row.frame_id} width={told?.width ?? 16} height={told?.height ?? 9} marks={drawn(told?.marks, "plain")} />
              <Group justify="space-between" mt={4} wrap="nowrap">
                <Text size="xs">
                  <b>{row.split}</b> {row.condition || "unknown"}
                  {row.weight !== 1 ? `, weight ${row.weight}` : ""}
                </Text>
                <Anchor renderRoot={(props) => <Link to="/curate" search={{ like: row.frame_id }} {...props} />} size="xs">
                  alike
                </Anchor>
              </Group>
              <Text size="xs" c="dimmed" className="mono" truncate title={row.frame_id}>
                {row.frame_id}
              </Text>
            </Card>
          );
        })}
      </SimpleGrid>
      {asked.data && asked.data.count > AT_ONCE && (
        <Pagination
          total={pages}
          value={page}
          onChange={(next) => void go({ to: "/dataset/$", params: { _splat: of.id }, search: { tab: "frames", page: next } })}
          getControlProps={(control) => ({ "aria-label": `${control} page` })}
          getItemProps={(at) => ({ "aria-label": `page ${at}` })}
        />
      )}
      <Group>
        <Button component="a" variant="subtle" size="compact-sm" href={`/api/v1/datasets/${encodeURIComponent(of.id)}/rows?limit=1000`} target="_blank">
          Rows as JSON
        </Button>
      </Group>
    </Stack>
  );
}
