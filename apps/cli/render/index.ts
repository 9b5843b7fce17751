/** How each operation's answer is shown to people. */

import type { Operation, Operations } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";
import { renderAccept } from "./accept.ts";
import { renderCatalog } from "./catalog.ts";
import { renderCompare } from "./compare.ts";
import { renderExplain } from "./explain.ts";
import { renderExport, renderExportAside } from "./export.ts";
import { renderImport, renderImportAside } from "./import.ts";
import { renderPredict } from "./predict.ts";
import { renderQuery } from "./query.ts";
import { renderReport } from "./report.ts";
import { renderSearch } from "./search.ts";
import { renderSpec } from "./spec.ts";
import { renderSupport } from "./support.ts";
import { renderSweep } from "./sweep.ts";
import { renderValidate } from "./validate.ts";

type OutputOf<Each> = Each extends Operation<infer _Input, infer Output> ? Output : never;

export type Renderers = {
  readonly [Name in keyof Operations]: (output: OutputOf<Operations[Name]>, view: View) => string;
};

/** One a operation; a new operation does not compile without. */
export const renderers: Renderers = {
  predict: renderPredict,
  explain: renderExplain,
  compare: renderCompare,
  search: renderSearch,
  sweep: renderSweep,
  query: renderQuery,
  report: renderReport,
  import: renderImport,
  export: renderExport,
  validate: renderValidate,
  spec: renderSpec,
  accept: renderAccept,
  catalog: renderCatalog,
  schema: (schema) => `${JSON.stringify(schema, null, 2)}\n`,
  support: renderSupport,
};

/** What is said beside an answer that is itself to be kept: on standard error. */
export const asides: Partial<Renderers> = { import: renderImportAside, export: renderExportAside };
