/** Reports: what is decided from options, a document of it as a value, and its drawing as HTML and Markdown. */

export { chartFile } from "./chart/file.ts";
export type { TimelineChart } from "./chart/index.ts";
export { clusterOf } from "./cluster.ts";
export { type Choice, choose, type Judgement, judgementOf } from "./decision/choose.ts";
export { type Flip, flipsOf } from "./decision/flips.ts";
export type { Goal, Option, Requirement } from "./decision/question.ts";
export { textOf } from "./document.ts";
export type {
  Difference,
  Earlier,
  EvidenceLine,
  GoodputNeed,
  LoadPoint,
  MustHold,
  RangedOption,
  ReportFacts,
  SizePoint,
} from "./facts.ts";
export { htmlOf } from "./render/html.ts";
export { markdownOf } from "./render/markdown.ts";
export { grouped, statusCell } from "./text.ts";
export { timelineOf } from "./timeline.ts";
export { reportDocument } from "./write.ts";
