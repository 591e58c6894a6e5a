import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { Nothing } from "../parts/States";

export function Lost() {
  return (
    <Nothing title="There is no such page">
      The address may be of another version. <Anchor component={Link} to="/">To the loop</Anchor>
    </Nothing>
  );
}
