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
  validateSearch: (search: Record<string, unknown>): Maybe<"channel" | "lidar" | "show" | "list"> & { frame?: number | undefined; t?: number | undefined } => ({
    channel: text(search.channel),
    lidar: text(search.lidar),
    show: text(search.show),
    list: text(search.list),
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
  validateSearch: (search: Record<string, unknown>): Maybe<"name"> => ({ name: text(search.name) }),
  component: lazyRouteComponent(() => import("./places/datasets/Datasets"), "Datasets"),
});

const dataset = createRoute({
  getParentRoute: () => root,
  path: "/dataset/$",
  validateSearch: (search: Record<string, unknown>): Maybe<"tab" | "format" | "splits"> & { page?: number | undefined } => ({
    tab: text(search.tab),
    format: text(search.format),
    splits: text(search.splits),
    page: number(search.page),
  }),
  component: lazyRouteComponent(() => import("./places/datasets/VersionPage"), "VersionPage"),
});

const datasetsCompare = createRoute({
  getParentRoute: () => root,
  path: "/datasets/compare",
  validateSearch: (search: Record<string, unknown>): Maybe<"from" | "to" | "kind"> & { shown?: number | undefined } => ({
    from: text(search.from),
    to: text(search.to),
    kind: text(search.kind),
    shown: number(search.shown),
  }),
  component: lazyRouteComponent(() => import("./places/datasets/Compare"), "Compare"),
});

const datasetsMerge = createRoute({
  getParentRoute: () => root,
  path: "/datasets/merge",
  validateSearch: (search: Record<string, unknown>): Maybe<"into" | "other"> => ({ into: text(search.into), other: text(search.other) }),
  component: lazyRouteComponent(() => import("./places/datasets/Merge"), "Merge"),
});

const flag = (value: unknown): true | undefined => (value === true ? true : undefined);

const train = createRoute({
  getParentRoute: () => root,
  path: "/train",
  validateSearch: (search: Record<string, unknown>): Maybe<"runs" | "order" | "filter"> & { up?: boolean | undefined } => ({
    runs: text(search.runs),
    order: text(search.order),
    filter: text(search.filter),
    up: flag(search.up),
  }),
  component: lazyRouteComponent(() => import("./places/train/Train"), "Train"),
});

const trainCompare = createRoute({
  getParentRoute: () => root,
  path: "/train/compare",
  validateSearch: (search: Record<string, unknown>): Maybe<"runs" | "metric" | "difference"> => ({ runs: text(search.runs), metric: text(search.metric), difference: text(search.difference) }),
  component: lazyRouteComponent(() => import("./places/train/Compare"), "Compare"),
});

const trainStudies = createRoute({
  getParentRoute: () => root,
  path: "/train/studies",
  component: lazyRouteComponent(() => import("./places/train/Studies"), "Studies"),
});

const trainStudy = createRoute({
  getParentRoute: () => root,
  path: "/train/studies/$id",
  validateSearch: (search: Record<string, unknown>): Maybe<"order"> & { up?: true | undefined } => ({ order: text(search.order), up: flag(search.up) }),
  component: lazyRouteComponent(() => import("./places/train/StudyPage"), "StudyPage"),
});

const validate = createRoute({
  getParentRoute: () => root,
  path: "/validate",
  validateSearch: (search: Record<string, unknown>): Maybe<"evaluation" | "view" | "metric" | "category" | "slice" | "alias" | "dataset" | "evaluate"> => ({
    evaluation: text(search.evaluation),
    view: text(search.view),
    metric: text(search.metric),
    category: text(search.category),
    slice: text(search.slice),
    alias: text(search.alias),
    dataset: text(search.dataset),
    evaluate: text(search.evaluate),
  }),
  component: lazyRouteComponent(() => import("./places/validate/Validate"), "Validate"),
});

const judged = createRoute({
  getParentRoute: () => root,
  path: "/validate/frames",
  validateSearch: (search: Record<string, unknown>): Maybe<"evaluation" | "category" | "slice" | "recording"> => ({
    evaluation: text(search.evaluation),
    category: text(search.category),
    slice: text(search.slice),
    recording: text(search.recording),
  }),
  component: lazyRouteComponent(() => import("./places/validate/Frames"), "Frames"),
});

const gate = createRoute({
  getParentRoute: () => root,
  path: "/validate/gate/$id",
  component: lazyRouteComponent(() => import("./places/validate/GatePage"), "GatePage"),
});

const disagreements = createRoute({
  getParentRoute: () => root,
  path: "/validate/disagreements",
  validateSearch: (search: Record<string, unknown>): Maybe<"id" | "condition" | "kind" | "right" | "frame"> => ({
    id: text(search.id),
    condition: text(search.condition),
    kind: text(search.kind),
    right: text(search.right),
    frame: text(search.frame),
  }),
  component: lazyRouteComponent(() => import("./places/validate/Disagreements"), "Disagreements"),
});

const deploy = createRoute({
  getParentRoute: () => root,
  path: "/deploy",
  component: lazyRouteComponent(() => import("./places/deploy/Deploy"), "Deploy"),
});

const gear = createRoute({
  getParentRoute: () => root,
  path: "/gear",
  validateSearch: (search: Record<string, unknown>): Maybe<"tab"> => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import("./places/Gear"), "Gear"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    loop, recordings, inspector, curate, label, labelTask, labelQuality, labelFrame, labelTrack, datasets, dataset,
    datasetsCompare, datasetsMerge, train, trainCompare, trainStudies, trainStudy, validate, judged, gate, disagreements, deploy, gear,
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
