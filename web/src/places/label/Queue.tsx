/** `/label`: what waits for me, what was ordered and how far it is, who answered what. */
import { Alert, Anchor, Badge, Button, Card, Group, Kbd, Progress, Table, Text, Title } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { count, moment } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { GuidelineForm } from "./GuidelineForm";
import { KeptDrafts } from "./KeptDrafts";
import { OrderDrawer } from "./OrderDrawer";
import { OrderForm } from "./OrderForm";
import { TasksTable } from "./TasksTable";
import { useMay, useOrders, useWaiting, type Order } from "./ask";
import { frameName } from "./names";
import "./label.css";

const VERBS: Record<string, string> = { draw: "to draw", rework: "to mend", review: "to review", adjudicate: "to decide" };
const STATES: Record<string, string> = { active: "green", paused: "orange", closed: "gray" };

export function Queue() {
  const search = useSearch({ from: "/label" });
  const go = useNavigate();
  const { who, may } = useMay();
  const orders = useOrders();
  const [writing, setWriting] = useState(false);
  const next = () => void go({ to: "/label/task", search: {} });
  useHotkeys(may("take_turn") ? [["n", next]] : []);
  const place = (order: string | undefined, form: boolean) => void go({ to: "/label", search: { ...search, order, new: form ? 1 : undefined } });
  return (
    <Page
      title="Label"
      about={orders.data && `${orders.data.count} orders`}
      aside={
        <Group gap="xs">
          {may("show_label_quality") && (
            <Button component={Link} to="/label/quality" size="compact-sm" variant="default">
              Quality
            </Button>
          )}
          {may("create_guideline") && (
            <Button size="compact-sm" variant="default" onClick={() => setWriting(true)}>
              Write a guideline
            </Button>
          )}
          {may("place_order") && (
            <Button size="compact-sm" variant="default" onClick={() => place(undefined, true)}>
              Place an order
            </Button>
          )}
        </Group>
      }
      cli={orders.data?.cli}
      json="/api/v1/labelling/orders"
    >
      {may("take_turn") && <Mine next={next} />}
      <KeptDrafts who={who} />
      {who !== "" && !may("list_orders") && (
        <Text size="sm" c="dimmed">
          Who draws is told of no orders and of nobody&apos;s answers: looks are blind.
        </Text>
      )}
      {orders.isLoading && <Waiting what="orders" />}
      {orders.error && <Failed error={orders.error} again={() => void orders.refetch()} />}
      {orders.data?.items.length === 0 && (
        <Nothing title="Nothing was ordered yet" command="ringroad labels order NAME --on SELECTION --looks 2">
          An order says which selection is labelled, under which guideline, and how often each frame is looked at.
        </Nothing>
      )}
      {orders.data && orders.data.items.length > 0 && <Orders of={orders.data.items} onShow={(name) => place(name, false)} />}
      {may("list_tasks") && orders.data && orders.data.items.length > 0 && <TasksTable orders={orders.data.items.map((order) => order.name)} />}
      <OrderDrawer name={search.order ?? ""} onClose={() => place(undefined, false)} />
      <GuidelineForm opened={writing} onClose={() => setWriting(false)} />
      <OrderForm opened={search.new === 1} onClose={() => place(undefined, false)} />
    </Page>
  );
}

/** What somebody holds, and what they could take. */
function Mine({ next }: { next: () => void }) {
  const asked = useWaiting(true);
  const open = Object.entries(asked.data?.open ?? {});
  const held = asked.data?.held;
  const total = open.reduce((sum, [, tasks]) => sum + tasks, 0);
  return (
    <Card withBorder p="sm">
      <Group justify="space-between">
        <div>
          <Text fw={600} size="sm">
            {held ? `You hold ${frameName(held.frame)}, ${VERBS[held.kind] ?? held.kind}` : total > 0 ? "Waiting for you" : "Nothing waits for you"}
          </Text>
          <Group gap="xs" className="figure">
            {open.length === 0 && <Text size="sm" c="dimmed">What you drew is for others to look at.</Text>}
            {open.map(([kind, tasks]) => (
              <Anchor key={kind} size="sm" component={Link} to={`/label/task?kind=${kind}`}>
                {asked.data?.hidden ? "frames" : count(tasks)} {VERBS[kind] ?? kind}
              </Anchor>
            ))}
            {asked.data?.more && <Text size="sm" c="dimmed">and more</Text>}
          </Group>
        </div>
        <Button onClick={next} rightSection={<Kbd size="xs">N</Kbd>} disabled={!held && total === 0 && asked.isSuccess}>
          {held ? "Go on" : "Next task"}
        </Button>
      </Group>
      {asked.error && <Alert color="orange" mt="xs" p={0}><Failed error={asked.error} again={() => void asked.refetch()} /></Alert>}
    </Card>
  );
}

function Orders({ of, onShow }: { of: readonly Order[]; onShow: (name: string) => void }) {
  return (
    <div>
      <Title order={2} size="h5" mb={6}>
        Orders
      </Title>
      <Table.ScrollContainer minWidth={820} type="native" tabIndex={0} role="region" aria-label="table of orders">
        <Table aria-label="orders" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Order</Table.Th>
              <Table.Th>Settled</Table.Th>
              <Table.Th ta="right">Waiting</Table.Th>
              <Table.Th ta="right">To review</Table.Th>
              <Table.Th ta="right">Parked</Table.Th>
              <Table.Th ta="right">Answers per hour</Table.Th>
              <Table.Th ta="right">Per answer</Table.Th>
              <Table.Th ta="right">Per box</Table.Th>
              <Table.Th>Done by (UTC)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted(of).map((order) => (
              <OrderRow key={order.name} order={order} onShow={onShow} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}

const RANK = ["active", "paused", "closed"];

/** What is worked on first, newest first. */
function sorted(orders: readonly Order[]): Order[] {
  return [...orders].reverse().sort((one, other) => RANK.indexOf(one.state) - RANK.indexOf(other.state));
}

function OrderRow({ order, onShow }: { order: Order; onShow: (name: string) => void }) {
  const { progress } = order;
  const share = progress.frames > 0 ? progress.settled / progress.frames : 0;
  const seconds = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} s`);
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Anchor component="button" size="sm" fw={600} ta="left" maw={220} truncate title={order.name} onClick={() => onShow(order.name)}>
            {order.name}
          </Anchor>
          <Badge size="xs" variant="light" color={STATES[order.state] ?? "gray"} tt="none" c="var(--mantine-color-text)" style={{ flex: "none" }}>
            {order.state}
          </Badge>
        </Group>
      </Table.Td>
      <Table.Td w={170}>
        <Progress value={100 * share} size="sm" aria-label={`settled of ${order.name}`} />
        <Text size="xs" c="dimmed" className="figure">
          {count(progress.settled)} of {count(progress.frames)} frames
        </Text>
      </Table.Td>
      <Table.Td className="figure" ta="right">{count(progress.waiting)}</Table.Td>
      <Table.Td className="figure" ta="right">{count(progress.reviews_waiting)}</Table.Td>
      <Table.Td className="figure" ta="right">{count(progress.parked)}</Table.Td>
      <Table.Td className="figure" ta="right">{progress.answers_per_hour === null ? "–" : progress.answers_per_hour.toFixed(1)}</Table.Td>
      <Table.Td className="figure" ta="right">{seconds(progress.seconds_per_answer)}</Table.Td>
      <Table.Td className="figure" ta="right">{seconds(progress.seconds_per_mark)}</Table.Td>
      <Table.Td className="figure">{progress.left === 0 ? "done" : progress.eta_ns === null ? "–" : moment(progress.eta_ns).slice(0, 16)}</Table.Td>
    </Table.Tr>
  );
}
