/** How good it is: KPIs by slice, over time, gates, and two networks beside each other. */
import { Button, Collapse, Group, Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { many } from "../../parts/Figure";
import { Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { Course } from "./Course";
import { Evaluate } from "./Evaluate";
import { Gates } from "./Gates";
import { Kpis } from "./Kpis";
import { Networks } from "./Networks";
import { useEvaluations } from "./ask";

export function Validate() {
  const search = useSearch({ from: "/validate" });
  const go = useNavigate();
  const asked = useEvaluations();
  const [asking, setAsking] = useState(Boolean(search.evaluate));
  const items = asked.data?.items ?? [];
  return (
    <Page
      title="Validate"
      about={asked.data && many(asked.data.count, "evaluation")}
      aside={
        <Group>
          <Button variant="light" onClick={() => setAsking((on) => !on)} aria-expanded={asking}>
            Evaluate a model
          </Button>
        </Group>
      }
      cli={asked.data?.cli}
      json="/api/v1/evaluations"
    >
      <Collapse expanded={asking}>{asking && <Evaluate model={search.evaluate} />}</Collapse>
      {asked.isPending && <Waiting what="evaluations" />}
      {asked.error && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Nothing title="Nothing was evaluated yet" command="ringroad evaluate --model M --truth DATASET" />}
      <Tabs value={search.view ?? "kpis"} onChange={(view) => void go({ to: "/validate", search: { ...search, evaluate: undefined, view: view === "kpis" ? undefined : (view ?? undefined) } })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="kpis">KPIs by slice</Tabs.Tab>
          <Tabs.Tab value="course">Over time</Tabs.Tab>
          <Tabs.Tab value="gates">Gates</Tabs.Tab>
          <Tabs.Tab value="networks">Candidate against champion</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="kpis" pt="md">
          {items.length > 0 && <Kpis of={items} />}
        </Tabs.Panel>
        <Tabs.Panel value="course" pt="md">
          <Course />
        </Tabs.Panel>
        <Tabs.Panel value="gates" pt="md">
          <Gates />
        </Tabs.Panel>
        <Tabs.Panel value="networks" pt="md">
          <Networks />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
