/** Addresses of the application. What a page shows is in its address, so that it can be shared. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Shell } from "./shell/Shell";
import { Lost } from "./shell/Lost";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

type Maybe<Names extends string> = { [name in Names]?: string | undefined };

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });

const loop = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./places/loop/Loop"), "Loop"),
});

const recordings = createRoute({
  getParentRoute: () => root,
  path: "/recordings",
  validateSearch: (search: Record<string, unknown>): Maybe<"find" | "view"> => ({ find: text(search.find), view: text(search.view) }),
  component: lazyRouteComponent(() => import("./places/Recordings"), "Recordings"),
});

const inspector = createRoute({
  getParentRoute: () => root,
  path: "/recording/$",
  validateSearch: (search: Record<string, unknown>): Maybe<"channel" | "lidar" | "show"> & { frame?: number | undefined; t?: number | undefined } => ({
    channel: text(search.channel),
    lidar: text(search.lidar),
    show: text(search.show),
    frame: number(search.frame),
    t: number(search.t),
  }),
  component: lazyRouteComponent(() => import("./places/inspector/Inspector"), "Inspector"),
});

const curate = createRoute({
  getParentRoute: () => root,
  path: "/curate",
  validateSearch: (search: Record<string, unknown>): Maybe<"q" | "like" | "crop" | "selection" | "view" | "what" | "against" | "compare"> => ({
    q: text(search.q),
    like: text(search.like),
    crop: text(search.crop),
    selection: text(search.selection),
    view: text(search.view),
    what: text(search.what),
    against: text(search.against),
    compare: text(search.compare),
  }),
  component: lazyRouteComponent(() => import("./places/curate/Curate"), "Curate"),
});

const label = createRoute({
  getParentRoute: () => root,
  path: "/label",
  component: lazyRouteComponent(() => import("./places/Label"), "Label"),
});

const datasets = createRoute({
  getParentRoute: () => root,
  path: "/datasets",
  validateSearch: (search: Record<string, unknown>): Maybe<"from" | "to"> => ({ from: text(search.from), to: text(search.to) }),
  component: lazyRouteComponent(() => import("./places/Datasets"), "Datasets"),
});

const train = createRoute({
  getParentRoute: () => root,
  path: "/train",
  validateSearch: (search: Record<string, unknown>): Maybe<"runs"> => ({ runs: text(search.runs) }),
  component: lazyRouteComponent(() => import("./places/Train"), "Train"),
});

const validate = createRoute({
  getParentRoute: () => root,
  path: "/validate",
  validateSearch: (search: Record<string, unknown>): Maybe<"evaluation"> => ({ evaluation: text(search.evaluation) }),
  component: lazyRouteComponent(() => import("./places/Validate"), "Validate"),
});

const deploy = createRoute({
  getParentRoute: () => root,
  path: "/deploy",
  component: lazyRouteComponent(() => import("./places/Deploy"), "Deploy"),
});

const gear = createRoute({
  getParentRoute: () => root,
  path: "/gear",
  component: lazyRouteComponent(() => import("./places/Gear"), "Gear"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    loop, recordings, inspector, curate, label, datasets, train, validate, deploy, gear,
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
