/** Line icons, drawn here: one path each on a 24 x 24 grid. */
const PATHS = {
  loop: "M20 12a8 8 0 1 1-3-6.2M20 3v5h-5",
  recordings: "M3 6h12v12H3zM15 10l6-3v10l-6-3",
  curate: "M3 5h18l-7 8v6l-4-2v-4z",
  label: "M4 4h16v16H4zM8 8h5v5H8z",
  datasets: "M4 7c0-2 16-2 16 0v10c0 2-16 2-16 0zM4 7c0 2 16 2 16 0M4 12c0 2 16 2 16 0",
  train: "M3 18l6-7 4 4 8-10M21 5v5",
  validate: "M5 12l5 5L20 7",
  deploy: "M12 3l4 6v7l-4 3-4-3V9zM8 14l-3 4M16 14l3 4",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 2v4M12 18v4M2 12h4M18 12h4M5 5l3 3M16 16l3 3M5 19l3-3M16 8l3-3",
  search: "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l6 6",
  lineage: "M5 5h4v4H5zM15 5h4v4h-4zM10 15h4v4h-4zM7 9v3h5M17 9v3h-5v3",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5",
  copy: "M8 8h11v11H8zM5 16V5h11",
  more: "M4 10V4h6M20 14v6h-6M4 4l7 7M20 20l-7-7",
  less: "M10 4v6H4M14 20v-6h6M4 4l6 6M20 20l-6-6",
  play: "M7 4l13 8-13 8z",
  pause: "M7 4v16M16 4v16",
  keyboard: "M3 6h18v12H3zM6 10h1M10 10h1M14 10h1M18 10h0M7 14h10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
