/** Launch commands in, launch settings out: the files that start training, and scenarios. */

export { exportLaunch, type LaunchExport, type Lost, targets } from "./export.ts";
export { servingTargets } from "./export-serving.ts";
export type { LaunchFormat, LaunchOptions } from "./format.ts";
export { formats } from "./formats.ts";
export {
  type ImportRequest,
  importLaunch,
  type LaunchImport,
  type LeftFlag,
  launchFiles,
  type ReadFlag,
} from "./import.ts";
export type { Asked } from "./sheet.ts";
