/** Below the axis: events and checks as rows, channels as a table. */
import { Badge, Table, Text, UnstyledButton } from "@mantine/core";

import type { Schemas } from "../../api/ask";
import { count } from "../../parts/Figure";
import { Failed, Nothing, Waiting } from "../../parts/States";
import { type Happening, useHappenings } from "./ask";

const COLOUR: Record<string, string> = { error: "red", warning: "orange", info: "gray" };

interface Props {
  of: "events" | "checks";
  recording: string;
  startNs: number;
  onPick: (seconds: number) => void;
}

export function Rows({ of, recording, startNs, onPick }: Props) {
  const asked = useHappenings(of, recording);
  if (asked.isPending) return <Waiting what={of} />;
  if (asked.error) return <Failed error={asked.error} />;
  if (asked.data.missing.length > 0)
    return <Nothing title="Nobody looked yet" command={of === "events" ? `ringroad recordings events ${recording}` : `ringroad recordings checks ${recording}`} />;
  const rows = asked.data.items as unknown as Happening[];
  if (rows.length === 0) return <Text size="sm" c="dimmed">{of === "events" ? "Nothing happened." : "The checks found nothing."}</Text>;
  return (
    <Table aria-label={of}>
      <Table.Tbody>
        {rows.map((row, i) => (
          <Table.Tr key={i}>
            <Table.Td w={160} className="figure">
              <UnstyledButton fz="sm" td="underline" onClick={() => onPick((row.start_ns - startNs) / 1e9)}>
                {((row.start_ns - startNs) / 1e9).toFixed(2)} to {((row.end_ns - startNs) / 1e9).toFixed(2)} s
              </UnstyledButton>
            </Table.Td>
            <Table.Td w={170}>
              <Badge variant="light" size="sm" tt="none" color={COLOUR[row.severity ?? ""] ?? "road"}>
                {row.event ?? row.check}
              </Badge>
            </Table.Td>
            <Table.Td>
              {row.message}
              {row.channel && (
                <Text span size="xs" c="dimmed">
                  {" "}
                  {row.channel}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Channels({ of }: { of: Schemas["RecordingTold"]["recording"] }) {
  return (
    <Table aria-label="channels">
      <Table.Thead>
        <Table.Tr>
          {["Channel", "Sensor", "Encoding", "Messages"].map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {of.channels.map((channel) => (
          <Table.Tr key={channel.name}>
            <Table.Td>{channel.name}</Table.Td>
            <Table.Td>{channel.sensor}</Table.Td>
            <Table.Td>{channel.encoding}</Table.Td>
            <Table.Td className="figure">{count(channel.messages)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
