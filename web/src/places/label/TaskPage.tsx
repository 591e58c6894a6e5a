/** `/label/task`: the turn that one holds; where there is none, the next is taken. */
import { Badge, Button, Group, Text } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";

import { CommandLine, Page } from "../../parts/Page";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { AdjudicateTurn } from "./AdjudicateTurn";
import { DrawTurn } from "./DrawTurn";
import { ReviewTurn } from "./ReviewTurn";
import { KINDS, useMay, type Kind } from "./ask";
import { isUnreachable } from "./connection";
import { frameName } from "./names";
import { useTurn } from "./turn";
import "./label.css";

const TITLES: Record<string, string> = { draw: "Draw", rework: "Mend", review: "Review", adjudicate: "Decide" };

export function TaskPage() {
  const { order = "", kind } = useSearch({ from: "/label/task" });
  const { who, may } = useMay();
  if (!who) return <Waiting what="who is here" />;
  if (!may("take_turn"))
    return (
      <Nothing title="Labelling takes role labeller">Ask an admin for a token that may: ringroad tokens create NAME --role labeller.</Nothing>
    );
  return <Task key={`${order} ${kind ?? ""}`} who={who} order={order} kind={KINDS.find((one) => one === kind)} />;
}

function Task({ who, order, kind }: { who: string; order: string; kind: Kind | undefined }) {
  const held = useTurn(who, order, kind);
  const { turn } = held;
  const cli = `ringroad labels take --by ${who}${order ? ` --order '${order}'` : ""}${kind ? ` --kind ${kind}` : ""}`;
  if (!turn)
    return (
      <Page title="Label" cli={cli} json="/api/v1/labelling/waiting">
        {held.error !== null ? <Failed error={held.error} again={() => void held.take()} /> : turn === undefined ? <Waiting what="task" /> : <Done />}
      </Page>
    );
  return (
    <Page
      title={`${TITLES[turn.kind] ?? turn.kind} ${frameName(turn.frame)}`}
      about={
        <Group gap="xs">
          <span>order {turn.order}</span>
          {turn.guideline ? <span>guideline {String(turn.guideline.name)}</span> : <span>no guideline</span>}
          <Badge size="xs" variant="default" tt="none" className="mono">
            {turn.frame}
          </Badge>
        </Group>
      }
      cli={cli}
      json="/api/v1/labelling/waiting"
    >
      {held.error !== null && !isUnreachable(held.error) && <Failed error={held.error} again={() => void held.take()} />}
      {turn.kind === "review" ? (
        <ReviewTurn key={`${turn.task} ${turn.token}`} turn={turn} held={held} />
      ) : turn.kind === "adjudicate" ? (
        <AdjudicateTurn key={`${turn.task} ${turn.token}`} who={who} turn={turn} held={held} />
      ) : (
        <DrawTurn key={`${turn.task} ${turn.token}`} who={who} turn={turn} held={held} />
      )}
    </Page>
  );
}

function Done() {
  return (
    <Nothing title="There is nothing to do for you">
      <Text component="span" size="sm">
        Frames that you drew are for others to look at. A lead places orders, at the queue or at a terminal:
      </Text>
      <Group justify="center" mt="sm">
        <Button component={Link} to="/label" size="compact-sm" variant="default">
          To the queue
        </Button>
        <CommandLine text="ringroad labels order --help" />
      </Group>
    </Nothing>
  );
}
