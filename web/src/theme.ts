/** Colours, type and defaults of every page. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const road: MantineColorsTuple = [
  "#e6f6f7", "#d3e9eb", "#a5d2d6", "#74bac0", "#4ea6ad",
  "#3599a2", "#24939c", "#147f88", "#00717a", "#00626b",
];

export const theme = createTheme({
  primaryColor: "road",
  primaryShade: { light: 8, dark: 5 },
  colors: { road },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace",
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});
