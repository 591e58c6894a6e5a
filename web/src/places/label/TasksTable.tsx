/** Tasks for whoever leads: who looks at which frame, and what came of it. */
import { Anchor, Badge, Button, Group, Modal, NativeSelect, Pagination, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { api, data } from "../../api/client";
import { count } from "../../parts/Figure";
import { Failed } from "../../parts/States";
import { useTasks, type Task, type TaskFilter } from "./ask";
import { frameName } from "./names";

const PAGE = 25;
const STATES = ["open", "done", "parked", "cancelled"] as const;

export function TasksTable({ orders }: { orders: string[] }) {
  const search = useSearch({ from: "/label" });
  const go = useNavigate();
  const [offset, setOffset] = useState(0);
  const [annotator] = useDebouncedValue(search.by ?? "", 250);
  const state = STATES.find((one) => one === search.state) ?? "";
  const filter: TaskFilter = { order: search.tasks ?? "", state, annotator };
  const asked = useTasks(filter, offset, PAGE);
  const [managed, setManaged] = useState<Task | null>(null);
  const set = (values: Partial<typeof search>) => {
    setOffset(0);
    void go({ to: "/label", search: { ...search, ...values }, replace: true });
  };
  return (
    <div>
      <Group justify="space-between" align="flex-end" mb={6}>
        <Title order={2} size="h5">
          Tasks {asked.data && <Text span c="dimmed" size="sm" className="figure">{count(asked.data.count)}</Text>}
        </Title>
        <Group gap="xs" align="flex-end">
          <NativeSelect size="xs" label="Of order" data={[{ value: "", label: "all" }, ...orders]} value={search.tasks ?? ""} onChange={(event) => set({ tasks: event.currentTarget.value || undefined })} />
          <NativeSelect size="xs" label="State" data={[{ value: "", label: "all" }, ...STATES]} value={state} onChange={(event) => set({ state: event.currentTarget.value || undefined })} />
          <TextInput size="xs" label="Held, assigned or answered by" value={search.by ?? ""} onChange={(event) => set({ by: event.currentTarget.value || undefined })} />
        </Group>
      </Group>
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data?.items.length === 0 && <Text size="sm" c="dimmed">No task is like that.</Text>}
      {asked.data && asked.data.items.length > 0 && (
        <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="region" aria-label="table of tasks">
          <Table aria-label="tasks" highlightOnHover verticalSpacing={3}>
            <Table.Thead>
              <Table.Tr>
                {["Frame", "To do", "State", "Who", "Boxes", "Score", "Note", ""].map((name, i) => (
                  <Table.Th key={i}>{name || <span className="label-quiet">manage</span>}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {asked.data.items.map((task) => (
                <Row key={task.id} task={task} onManage={setManaged} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {asked.data && asked.data.count > PAGE && (
        <Pagination mt="xs" size="sm" total={Math.ceil(asked.data.count / PAGE)} value={offset / PAGE + 1} onChange={(page) => setOffset((page - 1) * PAGE)} getControlProps={(control) => ({ "aria-label": `${control} page` })} />
      )}
      <Manage task={managed} onClose={() => setManaged(null)} />
    </div>
  );
}

function Row({ task, onManage }: { task: Task; onManage: (task: Task) => void }) {
  const who = task.annotator || task.holder || task.assigned;
  const verb = task.annotator ? "" : task.holder ? " holds it" : task.assigned ? " alone may" : "";
  const open = task.state === "open" || task.state === "parked";
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor size="sm" component={Link} to={`/label/frame?id=${encodeURIComponent(task.frame)}`} title={task.frame}>
          {frameName(task.frame)}
        </Anchor>
      </Table.Td>
      <Table.Td>{task.kind}{task.kind === "draw" && task.look > 0 ? `, look ${task.look + 1}` : ""}</Table.Td>
      <Table.Td><Badge size="xs" variant="default" tt="none">{task.state}</Badge></Table.Td>
      <Table.Td>{who || "–"}<Text span size="xs" c="dimmed">{verb}</Text></Table.Td>
      <Table.Td className="figure">{task.state === "done" && task.kind !== "review" ? task.marks : "–"}</Table.Td>
      <Table.Td className="figure">{task.score === null ? "–" : task.kind === "review" ? (task.score ? "accepted" : "sent back") : task.score.toFixed(2)}</Table.Td>
      <Table.Td maw={260}><Text size="xs" lineClamp={2}>{task.note}</Text></Table.Td>
      <Table.Td ta="right">
        {open && (
          <Button size="compact-xs" variant="default" aria-label={`manage ${task.frame}`} onClick={() => onManage(task)}>
            Manage
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Give a task to one person, or want it no more. */
function Manage({ task, onClose }: { task: Task | null; onClose: () => void }) {
  const cache = useQueryClient();
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const done = (asked: Promise<unknown>) => {
    setError(null);
    asked.then(async () => {
      await cache.invalidateQueries({ queryKey: ["label"] });
      onClose();
    }, setError);
  };
  const path = { id: task?.id ?? "" };
  return (
    <Modal opened={task !== null} onClose={onClose} title={task ? `${task.kind} ${frameName(task.frame)}` : ""}>
      <Stack>
        <form onSubmit={(event) => { event.preventDefault(); done(data(api.POST("/api/v1/labelling/tasks/{id}:assign", { params: { path }, body: { to: to.trim() } }))); }}>
          <Group align="flex-end" gap="xs">
            <TextInput flex={1} label="Who alone may take it" placeholder="empty: anybody" value={to} onChange={(event) => setTo(event.currentTarget.value)} data-autofocus />
            <Button type="submit">Assign</Button>
          </Group>
          {task?.holder && <Text size="xs" c="dimmed">{task.holder} holds it, and loses it.</Text>}
        </form>
        <form onSubmit={(event) => { event.preventDefault(); done(data(api.POST("/api/v1/labelling/tasks/{id}:cancel", { params: { path }, body: { reason: reason.trim() } }))); }}>
          <Group align="flex-end" gap="xs">
            <TextInput flex={1} required label="Why it is wanted no more" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
            <Button type="submit" color="red.9" variant="outline">Cancel task</Button>
          </Group>
        </form>
        {error !== null && <Failed error={error} />}
      </Stack>
    </Modal>
  );
}
