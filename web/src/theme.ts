/** Colours, type and defaults of every page. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const road: MantineColorsTuple = [
  "#e6f6f7", "#d3e9eb", "#a5d2d6", "#74bac0", "#4ea6ad",
  "#3599a2", "#24939c", "#147f88", "#00717a", "#00626b",
];

export const theme = createTheme({
  primaryColor: "road",
  primaryShade: { light: 8, dark: 7 },
  colors: { road },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace",
  autoContrast: true,
  luminanceThreshold: 0.18,
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "close" } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "close" } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});

/** Words on tinted badges and alerts, dark enough for the tint behind them. */
const TINTED = { orange: "#9a3606", yellow: "#7d4600", red: "#ad2020", green: "#1d662c", lime: "#3d5c08", teal: "#07624a" };

/**
 * WCAG AA asks for 4.5 to 1. Text that stands back has 5.9 on white and 6.4 on the dark of pages.
 */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c646c",
    "--mantine-color-placeholder": "#5c646c",
    "--mantine-color-error": "#c92a2a",
    ...Object.fromEntries(Object.entries(TINTED).map(([name, ink]) => [`--mantine-color-${name}-light-color`, ink])),
  },
  dark: {
    "--mantine-color-dimmed": "#a6a9ae",
    "--mantine-color-placeholder": "#a6a9ae",
    "--mantine-color-error": "#ff8787",
  },
});
