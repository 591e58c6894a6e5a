/** One order: what was ordered, its lots, its guideline, and what it cost so far. */
import { Badge, Button, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, data } from "../../api/client";
import type { Schemas } from "../../api/ask";
import { count, moment } from "../../parts/Figure";
import { short } from "../../parts/Lineage";
import { CommandLine } from "../../parts/Page";
import { Failed, Waiting } from "../../parts/States";
import { Costs } from "./Costs";
import { GuidelineText } from "./GuidelineText";
import { useMay, useOrder } from "./ask";

export function OrderDrawer({ name, onClose }: { name: string; onClose: () => void }) {
  const asked = useOrder(name);
  return (
    <Drawer opened={name !== ""} onClose={onClose} position="right" size="lg" title={`Order ${name}`}>
      {asked.isPending && name && <Waiting what="order" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && <Told of={asked.data} />}
    </Drawer>
  );
}

function Told({ of }: { of: Schemas["OrderTold"] }) {
  const { may } = useMay();
  const options = Object.entries(of.looks_options).map(([name, value]) => `${name} ${String(value)}`);
  const rows: [string, string][] = [
    ["Ordered", `${moment(of.created_ns)} UTC${of.by ? ` by ${of.by}` : ""}`],
    ["Looks", [of.order.looks, ...options].join(", ")],
    ["Begins with", of.prelabels ? short(of.prelabels) : "an empty frame"],
    ["Reviewed", of.lots.length > 0 ? "in lots" : `${Math.round(100 * of.review_share)} % of settled frames`],
    ["Honeypots", `${Math.round(100 * of.honeypot_share)} % of tasks`],
    ["Annotators", of.annotators.join(", ") || "anybody"],
    ["Reviewers", of.reviewers.join(", ") || "anybody"],
    ...(of.reason ? [["Why", of.reason] as [string, string]] : []),
  ];
  return (
    <Stack>
      <Group gap="xs">
        <Button component={Link} to={`/label/task?order=${encodeURIComponent(of.order.name)}`} size="compact-sm">
          Next task of it
        </Button>
        {may("turn_order") && <Turning name={of.order.name} state={of.order.state} />}
      </Group>
      <Table aria-label="what was ordered" verticalSpacing={3}>
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={110} fw={400} c="dimmed">{name}</Table.Th>
              <Table.Td className="break">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {of.lots.length > 0 && <Lots of={of.lots} />}
      {may("list_label_costs") && <Costs order={of.order.name} />}
      <GuidelineText of={of.guideline} level={3} />
      <CommandLine text={of.cli} />
    </Stack>
  );
}

function Turning({ name, state }: { name: string; state: string }) {
  const cache = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const turn = (to: "active" | "paused" | "closed") => {
    data(api.POST("/api/v1/labelling/orders/{name}:turn", { params: { path: { name } }, body: { state: to } })).then(
      () => cache.invalidateQueries({ queryKey: ["label"] }),
      setError,
    );
  };
  return (
    <>
      {state === "active" ? (
        <Button size="compact-sm" variant="default" onClick={() => turn("paused")}>Pause</Button>
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => turn("active")}>Go on</Button>
      )}
      {state !== "closed" && <Button size="compact-sm" variant="default" onClick={() => turn("closed")}>Close</Button>}
      {error !== null && <Failed error={error} />}
    </>
  );
}

function Lots({ of }: { of: readonly Schemas["LabelLot"][] }) {
  return (
    <div>
      <Title order={3} size="h6">Lots</Title>
      <Table aria-label="lots" verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            {["Lot", "State", "Frames", "Inspected", "Bad", "May be bad", "Sent back"].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.map((lot) => (
            <Table.Tr key={lot.number} className="figure">
              <Table.Td>{lot.number}</Table.Td>
              <Table.Td><Badge size="xs" variant="default" tt="none">{lot.state}</Badge></Table.Td>
              <Table.Td>{count(lot.frames)}</Table.Td>
              <Table.Td>{lot.inspected} of {lot.sample}</Table.Td>
              <Table.Td>{lot.bad}</Table.Td>
              <Table.Td>{lot.limit}</Table.Td>
              <Table.Td>{lot.round === 0 ? "never" : lot.round === 1 ? "once" : `${lot.round} times`}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">A lot with more bad frames than may be is sent back as a whole.</Text>
    </div>
  );
}
