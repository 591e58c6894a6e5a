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
  component: lazyRouteComponent(() => import("./places/Loop"), "Loop"),
});

const recordings = createRoute({
  getParentRoute: () => root,
  path: "/recordings",
  validateSearch: (search: Record<string, unknown>): Maybe<"find"> => ({ find: text(search.find) }),
  component: lazyRouteComponent(() => import("./places/Recordings"), "Recordings"),
});

const inspector = createRoute({
  getParentRoute: () => root,
  path: "/recording/$",
  validateSearch: (search: Record<string, unknown>): Maybe<"channel"> & { frame?: number | undefined } => ({
    channel: text(search.channel),
    frame: number(search.frame),
  }),
  component: lazyRouteComponent(() => import("./places/Inspector"), "Inspector"),
});

const curate = createRoute({
  getParentRoute: () => root,
  path: "/curate",
  validateSearch: (search: Record<string, unknown>): Maybe<"q" | "like" | "selection"> => ({
    q: text(search.q),
    like: text(search.like),
    selection: text(search.selection),
  }),
  component: lazyRouteComponent(() => import("./places/Curate"), "Curate"),
});

const label = createRoute({
  getParentRoute: () => root,
  path: "/label",
  validateSearch: (search: Record<string, unknown>): Maybe<"order" | "tasks" | "state" | "by"> & { new?: number | undefined } => ({
    order: text(search.order), tasks: text(search.tasks), state: text(search.state), by: text(search.by), new: number(search.new),
  }),
  component: lazyRouteComponent(() => import("./places/label/Queue"), "Queue"),
});

const labelTask = createRoute({
  getParentRoute: () => root,
  path: "/label/task",
  validateSearch: (search: Record<string, unknown>): Maybe<"order" | "kind"> => ({ order: text(search.order), kind: text(search.kind) }),
  component: lazyRouteComponent(() => import("./places/label/TaskPage"), "TaskPage"),
});

const labelQuality = createRoute({
  getParentRoute: () => root,
  path: "/label/quality",
  validateSearch: (search: Record<string, unknown>): Maybe<"on"> => ({ on: text(search.on) }),
  component: lazyRouteComponent(() => import("./places/label/Quality"), "Quality"),
});

const labelFrame = createRoute({
  getParentRoute: () => root,
  path: "/label/frame",
  validateSearch: (search: Record<string, unknown>): Maybe<"id"> & { revision?: number | undefined } => ({
    id: text(search.id), revision: number(search.revision),
  }),
  component: lazyRouteComponent(() => import("./places/label/FramePage"), "FramePage"),
});

const labelTrack = createRoute({
  getParentRoute: () => root,
  path: "/label/track",
  validateSearch: (search: Record<string, unknown>): Maybe<"frame" | "at" | "track" | "guideline"> => ({
    frame: text(search.frame), at: text(search.at), track: text(search.track), guideline: text(search.guideline),
  }),
  component: lazyRouteComponent(() => import("./places/label/TrackPage"), "TrackPage"),
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
    loop, recordings, inspector, curate, label, labelTask, labelQuality, labelFrame, labelTrack, datasets, train, validate, deploy, gear,
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
