/** One colour for each category, told apart on any picture. */
const COLOURS = ["#4dc3ff", "#ffd43b", "#69db7c", "#ff8787", "#e599f7", "#ffa94d", "#38d9a9", "#f783ac", "#c0eb75", "#b197fc"];

export function colourOf(categories: readonly { name: string }[], category: string): string {
  const at = categories.findIndex((one) => one.name === category);
  return COLOURS[(at < 0 ? category.length : at) % COLOURS.length] ?? "#4dc3ff";
}

export const LIGHTS: Record<string, string> = { red: "#ff4d4d", amber: "#ffb300", green: "#3ddc5b", unknown: "#c1c2c5" };
