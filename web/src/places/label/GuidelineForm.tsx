/** Writes a guideline: TOML and Markdown as the command line takes them, told first what changes. */
import { Button, Checkbox, Drawer, Group, NativeSelect, Stack, Table, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import type { Schemas } from "../../api/ask";
import { api, data, idempotencyKey } from "../../api/client";
import { count } from "../../parts/Figure";
import { CommandLine } from "../../parts/Page";
import { Failed } from "../../parts/States";
import { useRunning, Work } from "../../parts/Work";
import { useGuideline, useGuidelines } from "./ask";
import { bodyOfText, NEW, type Written } from "./guidelineText";

type Previewed = Schemas["GuidelinePreviewed"];

export function GuidelineForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="xl" title="Write a guideline" closeButtonProps={{ "aria-label": "Close" }}>
      {opened && <Choice onClose={onClose} />}
    </Drawer>
  );
}

/** A new one, or the newest version of one that there is. */
function Choice({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const known = useGuidelines();
  const asked = useGuideline(name);
  const from: Written | undefined =
    name === "" ? NEW : asked.data && { ...NEW, toml: asked.data.toml ?? "", text: asked.data.guideline.text };
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Begin with"
        data={[{ value: "", label: "a new guideline" }, ...(known.data?.items ?? []).map((one) => one.name)]}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {asked.error && <Failed error={asked.error} />}
      {from && <Form key={`${name} ${asked.data?.version ?? ""}`} from={from} onClose={onClose} />}
    </Stack>
  );
}

function Form({ from, onClose }: { from: Written; onClose: () => void }) {
  const [written, setWritten] = useState(from);
  const [told, setTold] = useState<Previewed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [operation, setOperation] = useState("");
  const running = useRunning(operation);
  const set = (values: Partial<Written>) => {
    setTold(null);
    setWritten((was) => ({ ...was, ...values }));
  };
  const send = async (what: () => Promise<void>) => {
    setError(null);
    setBusy(true);
    try {
      await what();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const tell = () =>
    send(async () => setTold(await data(api.POST("/api/v1/labelling/guidelines:preview", { body: bodyOfText(written) }))));
  const save = (seen: Previewed) =>
    send(async () => {
      const condition = seen.before ? { "if-match": `"${seen.before}"` } : { "if-none-match": "*" };
      const header = { "Idempotency-Key": idempotencyKey(), ...condition };
      const taken = await data(api.POST("/api/v1/labelling/guidelines", { params: { header }, body: bodyOfText(written) }));
      setOperation(taken.operation.id);
    });
  const changes = told !== null && told.before !== told.after;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void (told && changes ? save(told) : tell());
      }}
    >
      <Stack gap="sm">
        <Textarea label="Taxonomy (TOML)" required autosize minRows={8} maxRows={22} spellCheck={false} styles={MONO} value={written.toml} onChange={(event) => set({ toml: event.currentTarget.value })} />
        <Textarea label="How to draw (Markdown)" autosize minRows={4} maxRows={16} value={written.text} onChange={(event) => set({ text: event.currentTarget.value })} />
        <Textarea
          label="What becomes of categories that go"
          description="A line each: OLD=NEW, or OLD= for what is drawn no more"
          autosize
          minRows={1}
          spellCheck={false}
          styles={MONO}
          value={written.map}
          onChange={(event) => set({ map: event.currentTarget.value })}
        />
        <Checkbox label="Annotations that name no guideline change as well" checked={written.unnamed} onChange={(event) => set({ unnamed: event.currentTarget.checked })} />
        <TextInput label="Why" maxLength={1000} value={written.reason} onChange={(event) => set({ reason: event.currentTarget.value })} />
        {error !== null && <Failed error={error} />}
        {told && <Preview of={told} />}
        {told && <CommandLine text={told.cli.replace(/ --dry-run$/, "")} />}
        {operation && <Work key={operation} id={operation} what="Writing the guideline" renews={["label"]} onDone={onClose} />}
        <Group>
          <Button type="submit" loading={busy || running} variant={changes ? "filled" : "light"} disabled={!written.toml.trim()}>
            {told && changes ? (told.before ? "Change it" : "Make it") : "What would it change?"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } };

function Preview({ of }: { of: Previewed }) {
  if (of.before === of.after) return <Text size="sm">Nothing changes: {of.name} is this already.</Text>;
  return (
    <Stack gap={4} role="status" aria-label="what it would change">
      <Text size="sm" fw={600}>
        {of.before ? `${of.name} goes from ${of.before.slice(0, 12)} to ${of.after.slice(0, 12)}` : `${of.name} is new`}, with{" "}
        {count(of.guideline.taxonomy.categories.length)} categories
      </Text>
      {of.categories.length > 0 && (
        <Table aria-label="categories that change">
          <Table.Thead>
            <Table.Tr>
              {["Category", "Becomes", "Annotations", "Frames", "Open tasks"].map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.categories.map((item) => (
              <Table.Tr key={item.category}>
                <Table.Td>{item.category}</Table.Td>
                <Table.Td>{item.becomes || "drawn no more"}</Table.Td>
                <Table.Td className="figure">{count(item.annotations)}</Table.Td>
                <Table.Td className="figure">{count(item.frames)}</Table.Td>
                <Table.Td className="figure">{count(item.open_tasks)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {of.before && (
        <Text size="sm">
          {count(of.frames)} frames get a new revision; {count(of.unrevised)} without revisions stay as they are; {count(of.open_tasks)} open tasks go on
          under the version before.
        </Text>
      )}
      {of.datasets.length > 0 && <Text size="sm">Dataset versions that stay as they are: {of.datasets.join(", ")}</Text>}
    </Stack>
  );
}
