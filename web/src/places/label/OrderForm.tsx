/** Places an order: by names, told what it opens and costs before anything is placed. */
import { Alert, Button, Checkbox, Drawer, Group, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed } from "../../parts/States";
import { useRunning, Work } from "../../parts/Work";
import { GuidelineText } from "./GuidelineText";
import { useGuideline, useGuidelines } from "./ask";
import { bodyOf, EMPTY, type Wish } from "./wish";

const POLICIES = [
  { value: "fixed", label: "So many looks; rules settle what differs" },
  { value: "disputed", label: "So many looks; a person decides what differs" },
  { value: "adaptive", label: "As many as pay off" },
];

export function OrderForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title="Place an order">
      {opened && <Form onClose={onClose} />}
    </Drawer>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState<Wish>(EMPTY);
  const [told, setTold] = useState<Schemas["OrderPreviewed"] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [operation, setOperation] = useState("");
  const running = useRunning(operation);
  const set = (values: Partial<Wish>) => {
    setTold(null);
    setWish((was) => ({ ...was, ...values }));
  };
  const selections = useQuery({ queryKey: ["selections"], queryFn: () => data(api.GET("/api/v1/selections", { params: { query: { limit: 500 } } })) });
  const models = useQuery({ queryKey: ["aliases"], queryFn: () => data(api.GET("/api/v1/aliases", { params: { query: { limit: 1000 } } })) });
  const guidelines = useGuidelines();
  const guideline = useGuideline(wish.guideline);
  const frozen = (selections.data?.items ?? []).filter((one) => !one.living);
  const tell = async () => {
    setError(null);
    setBusy(true);
    try {
      const perHour = typeof wish.perHour === "number" ? wish.perHour : null;
      setTold(await data(api.POST("/api/v1/labelling/orders:preview", { body: { ...bodyOf(wish), per_hour: perHour } })));
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const place = async () => {
    setError(null);
    setBusy(true);
    try {
      const header = { "Idempotency-Key": idempotencyKey() };
      const taken = await data(api.POST("/api/v1/labelling/orders", { params: { header }, body: bodyOf(wish) }));
      setOperation(taken.operation.id);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void (told ? place() : tell());
      }}
    >
      <Stack gap="sm">
        <TextInput label="Name" required maxLength={200} value={wish.name} onChange={(event) => set({ name: event.currentTarget.value })} data-autofocus />
        <NativeSelect
          label="Selection"
          required
          description={selections.data && frozen.length === 0 ? "There is none: keep what a search finds, in Curate." : undefined}
          data={[{ value: "", label: "choose" }, ...frozen.map((one) => ({ value: one.name, label: `${one.name}, ${count(one.frames ?? 0)} frames` }))]}
          value={wish.selection}
          onChange={(event) => set({ selection: event.currentTarget.value })}
        />
        <NativeSelect
          label="Guideline"
          data={[{ value: "", label: "none: anything may be drawn" }, ...(guidelines.data?.items ?? []).map((one) => one.name)]}
          value={wish.guideline}
          onChange={(event) => set({ guideline: event.currentTarget.value })}
        />
        {guideline.data && wish.guideline && <GuidelineText of={guideline.data.guideline} level={3} />}
        <Group grow align="flex-start">
          <NativeSelect label="Looks" data={POLICIES} value={wish.policy} onChange={(event) => set({ policy: event.currentTarget.value })} />
          {wish.policy !== "adaptive" && (
            <NumberInput label="Blind looks per frame" min={wish.policy === "disputed" ? 2 : 1} max={9} value={wish.looks} onChange={(value) => set({ looks: value })} />
          )}
        </Group>
        <Group grow align="flex-start">
          <NativeSelect
            label="Pre-labels of a model"
            data={[{ value: "", label: "none: frames begin empty" }, ...(models.data?.items ?? []).filter((one) => /^(model|onnx):/.test(one.artifact)).map((one) => one.name)]}
            value={wish.model}
            onChange={(event) => set({ model: event.currentTarget.value })}
          />
          <NumberInput label="Least score of a pre-label" min={0} max={1} step={0.05} disabled={!wish.model} value={wish.minScore} onChange={(value) => set({ minScore: value })} />
        </Group>
        <Group grow align="flex-start">
          <NumberInput label="Frames of a lot" placeholder="no lots" min={1} value={wish.lotSize} onChange={(value) => set({ lotSize: value })} />
          {wish.lotSize === "" ? (
            <NumberInput label="Reviewed, % of frames" min={0} max={100} value={wish.review} onChange={(value) => set({ review: value })} />
          ) : (
            <>
              <NumberInput label="Bad frames that may pass, %" min={0} max={100} value={wish.aql} onChange={(value) => set({ aql: value })} />
              <NumberInput label="That must not, %" min={0} max={100} value={wish.ltpd} onChange={(value) => set({ ltpd: value })} />
            </>
          )}
          <NumberInput label="Honeypots, % of tasks" min={0} max={100} value={wish.honeypots} onChange={(value) => set({ honeypots: value })} />
        </Group>
        <Group grow align="flex-start">
          <TextInput label="Annotators" placeholder="anybody" description="Names, with commas" value={wish.annotators} onChange={(event) => set({ annotators: event.currentTarget.value })} />
          <TextInput label="Reviewers" placeholder="anybody" description="Names, with commas" value={wish.reviewers} onChange={(event) => set({ reviewers: event.currentTarget.value })} />
        </Group>
        <Checkbox label="Annotators take turns, not whoever comes first" disabled={!wish.annotators.trim()} checked={wish.inTurns} onChange={(event) => set({ inTurns: event.currentTarget.checked })} />
        <Group grow align="flex-start">
          <TextInput label="Why" value={wish.reason} maxLength={1000} onChange={(event) => set({ reason: event.currentTarget.value })} />
          <NumberInput label="What an hour costs" placeholder="in any money" min={0} value={wish.perHour} onChange={(value) => set({ perHour: value })} />
        </Group>
        {error !== null && <Failed error={error} />}
        {told && <Preview of={told.preview} />}
        {told && <CommandLine text={told.cli.replace(/ --dry-run.*$/, "")} />}
        {operation && <Work key={operation} id={operation} what={`Placing ${wish.name}${wish.model ? "; the model looks at its frames first" : ""}`} renews={["label"]} onDone={onClose} />}
        <Group>
          <Button type="submit" loading={busy || running} variant={told ? "filled" : "light"} disabled={!wish.name || !wish.selection}>
            {told ? `Place it: ${count(told.preview.tasks)} tasks` : "What does it take?"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Preview({ of }: { of: Schemas["OrderPreview"] }) {
  const refused = Object.entries(of.left_out ?? {});
  return (
    <Alert color="blue" title={`${count(of.tasks)} tasks on ${count(of.frames)} frames`}>
      <Text size="sm" className="figure">
        About {of.hours.toFixed(1)} hours{of.cost === null ? "" : `, ${of.cost.toFixed(2)} in money`}, for the first {of.looks === 1 ? "look" : `${of.looks} looks`}: {of.seconds_per_look.toFixed(1)} s each
        {of.boxes_per_frame === null ? "" : `, ${of.boxes_per_frame.toFixed(1)} boxes a frame`}.
      </Text>
      {refused.length > 0 && <Text size="sm">Left out, for the guideline refuses them: {refused.map(([category, times]) => `${count(times)} ${category}`).join(", ")}.</Text>}
      <Text size="xs" c="dimmed">
        {of.basis}. Further looks, decisions and reviews come on top. Nothing is placed yet.
      </Text>
    </Alert>
  );
}
