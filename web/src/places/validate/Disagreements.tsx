/** A candidate beside the champion, frame by frame: what each said, and who was right. */
import { Box, Card, Grid, Group, ScrollArea, SegmentedControl, Select, SimpleGrid, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { picture } from "../../api/ask";
import { api, data } from "../../api/client";
import { count } from "../../parts/Figure";
import { LineageButton } from "../../parts/Lineage";
import { Legend, type Look, Marked } from "../../parts/Marked";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Keep } from "./Keep";
import { type Box as Answer, type Resimulation, modelNames } from "./ask";

const KINDS: [string, string][] = [["", "any way"], ["missing", "missing"], ["extra", "extra"], ["category", "category"], ["light_state", "light state"], ["moved", "moved"], ["score", "score"]];

export function Disagreements() {
  const search = useSearch({ from: "/validate/disagreements" });
  const go = useNavigate();
  const id = search.id ?? "";
  const told = useQuery({
    queryKey: ["resimulation", id],
    enabled: Boolean(id),
    queryFn: () => data(api.GET("/api/v1/resimulations/{id}", { params: { path: { id } } })).then((one) => one.resimulation),
  });
  const filter = { condition: search.condition ?? "", kind: (search.kind ?? "") as "missing", right: (search.right ?? "") as "champion" };
  const asked = useInfiniteQuery({
    queryKey: ["differing", id, filter],
    enabled: Boolean(id),
    initialPageParam: "",
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/resimulations/{id}/frames", { params: { path: { id }, query: { ...filter, limit: 60, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (!id) return <Nothing title="Name a comparison">Open one under Validate.</Nothing>;
  const rows = (asked.data?.pages ?? []).flatMap((page) => page.items as unknown as Row[]);
  const at = rows.find((row) => row.frame_id === search.frame) ?? rows[0];
  const look = (more: Record<string, string | undefined>) => void go({ to: "/validate/disagreements", search: { ...search, ...more }, replace: true, resetScroll: false });
  const first = asked.data?.pages[0];
  return (
    <Page title="Candidate against champion" about={told.data && <About of={told.data} />} aside={<LineageButton id={id} />} cli={first?.cli} json={`/api/v1/resimulations/${encodeURIComponent(id)}/frames`}>
      {told.error && <Failed error={told.error} />}
      {told.data && <Sums of={told.data} />}
      <Group align="flex-end" justify="space-between">
        <Group align="flex-end">
          <Select label="Condition" w={130} data={[{ value: "", label: "all" }, ...(told.data?.summary ?? []).slice(1).map((one) => one.condition)]} value={filter.condition} onChange={(value) => look({ condition: value || undefined, frame: undefined })} allowDeselect={false} />
          <Select label="They differ in" w={150} data={KINDS.map(([value, label]) => ({ value, label }))} value={filter.kind} onChange={(value) => look({ kind: value || undefined, frame: undefined })} allowDeselect={false} />
          {told.data?.truth && (
            <SegmentedControl
              size="sm"
              value={filter.right}
              onChange={(value) => look({ right: value || undefined, frame: undefined })}
              data={[
                { value: "", label: "whoever was right" },
                { value: "candidate", label: "candidate right" },
                { value: "champion", label: "champion right" },
              ]}
            />
          )}
        </Group>
        <Keep frames={[]} all={rows.map((row) => row.frame_id)} reason={`candidate and champion disagree: ${id.slice(0, 25)}`} />
      </Group>
      {asked.isPending && <Waiting what="frames that differ" />}
      {asked.error && <Failed error={asked.error} />}
      {first && first.count === 0 && <Nothing title="They agree everywhere">At a score of {told.data?.threshold ?? 0.3} and more, both say the same{filter.condition || filter.kind || filter.right ? " in what is filtered for" : ""}.</Nothing>}
      {at && (
        <Grid>
          <Grid.Col span={{ base: 12, md: 9 }}>
            <Frame id={id} frame={at.frame_id} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 3 }}>
            <Text size="sm" fw={600} mb={4}>
              {count(first?.count ?? rows.length)} frames, the worst first
            </Text>
            <ScrollArea h={560} type="auto" viewportProps={{ tabIndex: 0, "aria-label": "frames that differ" }}>
              <SimpleGrid cols={2} spacing={6}>
                {rows.map((row) => (
                  <UnstyledButton key={row.frame_id} onClick={() => look({ frame: row.frame_id })} aria-current={row.frame_id === at.frame_id} style={{ outline: row.frame_id === at.frame_id ? "2px solid var(--mantine-primary-color-filled)" : undefined, borderRadius: 4 }}>
                    <img src={picture(row.frame_id, "proxy", 160)} alt={row.frame_id} width="100%" style={{ display: "block", borderRadius: 4 }} loading="lazy" />
                    <Text size="xs" className="figure">
                      {row.disagreement.toFixed(2)} {row.condition}
                    </Text>
                  </UnstyledButton>
                ))}
              </SimpleGrid>
              {asked.hasNextPage && (
                <UnstyledButton onClick={() => void asked.fetchNextPage()}>
                  <Text size="sm" mt="xs" td="underline">
                    More
                  </Text>
                </UnstyledButton>
              )}
            </ScrollArea>
          </Grid.Col>
        </Grid>
      )}
    </Page>
  );
}

interface Row {
  frame_id: string;
  condition: string;
  disagreement: number;
}

function About({ of }: { of: Resimulation }) {
  return (
    <Group gap="sm">
      <span>
        candidate <b>{modelNames(of.candidate_names, of.candidate)}</b>
      </span>
      <span>
        champion <b>{modelNames(of.champion_names, of.champion)}</b>
      </span>
      <span>boxes of a score of {of.threshold} and more</span>
    </Group>
  );
}

function Sums({ of }: { of: Resimulation }) {
  return (
    <Card withBorder p="xs">
      <Table verticalSpacing={3} horizontalSpacing={6} fz="sm" aria-label="differences by condition" style={{ whiteSpace: "nowrap" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Condition</Table.Th>
            {["Frames", "differ", "Boxes", ...KINDS.slice(1).map(([, label]) => label), "Right"].map((name, i) => (
              <Table.Th key={i} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.summary.map((one) => (
            <Table.Tr key={one.condition} fw={one.condition === "all" ? 700 : 400}>
              <Table.Td>{one.condition}</Table.Td>
              {[one.frames, one.disagreeing].map((value, i) => (
                <Table.Td key={i} ta="right" className="figure">
                  {count(value)}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="figure">
                {count(one.champion_boxes)} → {count(one.candidate_boxes)}
              </Table.Td>
              {KINDS.slice(1).map(([kind]) => (
                <Table.Td key={kind} ta="right" className="figure">
                  {count(one.kinds[kind] ?? 0)}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="figure">
                {of.truth ? `${count(one.champion_right)} : ${count(one.candidate_right)}` : "not known"}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt={4}>
        Boxes from champion to candidate; how often champion and candidate were right, where the truth says so.
      </Text>
    </Card>
  );
}

function Frame({ id, frame }: { id: string; frame: string }) {
  const asked = useQuery({
    queryKey: ["differences", id, frame],
    staleTime: Infinity,
    queryFn: () => data(api.GET("/api/v1/resimulations/{id}/differences", { params: { path: { id }, query: { frame } } })),
  });
  if (asked.isPending) return <Waiting what="differences" />;
  if (asked.error) return <Failed error={asked.error} />;
  const told = asked.data;
  const side = (boxes: readonly Answer[], as: Look) => boxes.map((box) => ({ ...box, as, text: box.score === null || box.score === undefined ? box.category : `${box.category} ${box.score.toFixed(2)}` }));
  const truth = side(told.truth ?? [], "truth");
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" className="mono break">
          {frame}
        </Text>
        <Legend of={told.truth ? ["champion", "candidate", "truth"] : ["champion", "candidate"]} />
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {(
          [
            ["Champion", told.champion, "champion"],
            ["Candidate", told.candidate, "candidate"],
          ] as const
        ).map(([name, boxes, as]) => (
          <Box key={name}>
            <Text size="sm" fw={600}>
              {name}: {boxes.length} boxes
            </Text>
            <Marked frame={frame} width={told.width} height={told.height} marks={[...truth, ...side(boxes, as)]} sharp={640} words />
          </Box>
        ))}
      </SimpleGrid>
      {!told.truth && (
        <Text size="xs" c="dimmed">
          Nobody looked at this frame: who is right is not known.
        </Text>
      )}
      <Differences of={told.differences as unknown as Difference[]} />
    </Stack>
  );
}

interface Difference {
  kind: string;
  champion: string | null;
  candidate: string | null;
  champion_score: number | null;
  candidate_score: number | null;
  iou: number | null;
  weight: number;
  right: string;
}

function Differences({ of }: { of: readonly Difference[] }) {
  const said = (what: string | null, score: number | null) => (what === null ? "no box" : `${what}${score === null ? "" : ` ${score.toFixed(2)}`}`);
  return (
    <Table verticalSpacing={3} aria-label="differences on this frame">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Kind</Table.Th>
          <Table.Th>Champion</Table.Th>
          <Table.Th>Candidate</Table.Th>
          <Table.Th ta="right">IoU</Table.Th>
          <Table.Th ta="right">Weight</Table.Th>
          <Table.Th>Right</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {of.map((one, i) => (
          <Table.Tr key={i}>
            <Table.Td>{KINDS.find(([kind]) => kind === one.kind)?.[1] ?? one.kind}</Table.Td>
            <Table.Td>{said(one.champion, one.champion_score)}</Table.Td>
            <Table.Td>{said(one.candidate, one.candidate_score)}</Table.Td>
            <Table.Td ta="right" className="figure">
              {one.iou === null ? "" : one.iou.toFixed(2)}
            </Table.Td>
            <Table.Td ta="right" className="figure">
              {one.weight.toFixed(2)}
            </Table.Td>
            <Table.Td>
              {one.right ? (
                <b>{one.right}</b>
              ) : (
                "not known"
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
