/** Studies: many points of one scenario, each named by its content, and the answer from all of them. */

export { Evolution } from "./evolution.ts";
export { dimensionOfUnit, marginOf, shownMetric, type Units, wantsOf } from "./goals.ts";
export { drawnFactor, type ErrorDraw, errorOf, probabilityAtMost, spreadOf } from "./model-error.ts";
export { type Answer, answerOf, canonical, keyMaker, type Outcome, type Shared, type Task } from "./outcome.ts";
export { parquetBytes } from "./parquet/write.ts";
export { gridSize, isExhaustive, sampled } from "./sample.ts";
export { samplingOf } from "./sampling.ts";
export { pointsAreSearches, type Space, spaceFiles, spaceOf } from "./space.ts";
export { type Listed, type Row, type Summary, summaryOf } from "./summary.ts";
export { columnsOf } from "./table.ts";
