/** All operations; to add one, add a file and a line here. */

import { acceptOperation } from "./accept.ts";
import { catalogOperation } from "./catalog.ts";
import { compareOperation } from "./compare.ts";
import { explainOperation } from "./explain.ts";
import { exportOperation } from "./export.ts";
import { importOperation } from "./import.ts";
import { predictOperation } from "./predict.ts";
import { queryOperation } from "./query.ts";
import { reportOperation } from "./report.ts";
import { schemaOperation } from "./schema.ts";
import { searchOperation } from "./search.ts";
import { solveOperation } from "./solve.ts";
import { specOperation } from "./spec.ts";
import { supportOperation } from "./support.ts";
import { sweepOperation } from "./sweep.ts";
import { validateOperation } from "./validate.ts";

export type { AcceptOutput } from "./accept.ts";
export type { CatalogOutput } from "./catalog.ts";
export type { CompareOutput } from "./compare.ts";
export type { ConfigurationChoice, ConfigurationSearch } from "./configuration-search.ts";
export type { ExplainOutput } from "./explain.ts";
export type { ExportOutput, LaunchExportOutput } from "./export.ts";
export type { Executor, Host, SqlTable, WorkSource } from "./host.ts";
export type { ChakraImportOutput } from "./import/chakra.ts";
export type { LaunchImportOutput } from "./import/launch.ts";
export type { ImportOutput } from "./import.ts";
export type { LayoutSearch } from "./layout-search.ts";
export type { Operation, Usage } from "./operation.ts";
export type { PredictOutput } from "./predict.ts";
export type { ReportOutput } from "./report.ts";
export type { CapacitySearch, SearchOutput } from "./search.ts";
export type { SolveOutput } from "./solve.ts";
export type { SpecOutput } from "./spec.ts";
export type { SupportOutput } from "./support.ts";
export type { SweepOutput } from "./sweep.ts";
export type { ValidateOutput } from "./validate.ts";

export interface Operations {
  readonly predict: typeof predictOperation;
  readonly explain: typeof explainOperation;
  readonly solve: typeof solveOperation;
  readonly compare: typeof compareOperation;
  readonly search: typeof searchOperation;
  readonly sweep: typeof sweepOperation;
  readonly query: typeof queryOperation;
  readonly report: typeof reportOperation;
  readonly import: typeof importOperation;
  readonly export: typeof exportOperation;
  readonly validate: typeof validateOperation;
  readonly spec: typeof specOperation;
  readonly accept: typeof acceptOperation;
  readonly catalog: typeof catalogOperation;
  readonly schema: typeof schemaOperation;
  readonly support: typeof supportOperation;
}

/** By name, in the order of the help. */
export const operations: Operations = Object.freeze({
  predict: predictOperation,
  explain: explainOperation,
  solve: solveOperation,
  compare: compareOperation,
  search: searchOperation,
  sweep: sweepOperation,
  query: queryOperation,
  report: reportOperation,
  import: importOperation,
  export: exportOperation,
  validate: validateOperation,
  spec: specOperation,
  accept: acceptOperation,
  catalog: catalogOperation,
  schema: schemaOperation,
  support: supportOperation,
});
