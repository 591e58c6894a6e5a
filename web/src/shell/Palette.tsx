/** The command palette: places, recordings, selections, datasets. */
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { useAllowed, useRecordings } from "../api/ask";
import { api, data } from "../api/client";
import { Icon } from "../parts/Icon";
import { GEAR, PLACES } from "./places";

export function Palette() {
  const go = useNavigate();
  const recordings = useRecordings();
  const told = useAllowed("list_aliases");
  const aliases = useQuery({
    queryKey: ["aliases"],
    enabled: told,
    queryFn: () => data(api.GET("/api/v1/aliases", { params: { query: { limit: 1000 } } })),
  });
  const named = (aliases.data?.items ?? []).map((item) => item.name);
  const groups: (SpotlightActionGroupData | SpotlightActionData)[] = [
    {
      group: "Places",
      actions: [...PLACES, GEAR].map((place) => ({
        id: place.path,
        label: place.name,
        description: place.about,
        leftSection: <Icon name={place.icon} />,
        onClick: () => void go({ to: place.path }),
      })),
    },
    {
      group: "Recordings",
      actions: (recordings.data?.items ?? []).map((item) => ({
        id: `recording ${item.id}`,
        label: item.id,
        onClick: () => void go({ to: "/recording/$", params: { _splat: item.id }, search: {} }),
      })),
    },
    {
      group: "Selections",
      actions: named
        .filter((name) => name.startsWith("selection:"))
        .map((name) => ({
          id: name,
          label: name,
          onClick: () => void go({ to: "/curate", search: { selection: name.slice("selection:".length) } }),
        })),
    },
    {
      group: "Datasets",
      actions: named
        .filter((name) => name.startsWith("dataset:"))
        .map((name) => ({ id: name, label: name, onClick: () => void go({ to: "/dataset/$", params: { _splat: name.slice("dataset:".length) }, search: {} }) })),
    },
  ];
  return (
    <Spotlight
      actions={groups}
      shortcut="mod + K"
      limit={12}
      nothingFound="Nothing is called so"
      searchProps={{ placeholder: "Go to ...", "aria-label": "go to" }}
    />
  );
}
