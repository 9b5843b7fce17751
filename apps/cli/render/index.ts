/**
 * Each operation and how its answer is shown to people. They are loaded when they are asked for: reading the code of
 * all takes a fifth of the time of a short command.
 */

import type { Operation, Operations } from "../../../src/operations/index.ts";
import type { View } from "../view.ts";

type OutputOf<Each> = Each extends Operation<infer _Input, infer Output> ? Output : never;

/** What a command does and says. */
export interface Command<Each> {
  readonly operation: Each;
  readonly render: (output: OutputOf<Each>, view: View) => string;
  /** What is said beside an answer that is itself to be kept: on standard error. */
  readonly aside?: (output: OutputOf<Each>, view: View) => string | undefined;
}

export type Commands = { readonly [Name in keyof Operations]: () => Promise<Command<Operations[Name]>> };

/** One a operation, in the order of the help; a new operation does not compile without. */
export const commands: Commands = {
  predict: async () => {
    const { predictOperation } = await import("../../../src/operations/predict.ts");
    const { renderPredict } = await import("./predict.ts");
    return { operation: predictOperation, render: renderPredict };
  },
  explain: async () => {
    const { explainOperation } = await import("../../../src/operations/explain.ts");
    const { renderExplain } = await import("./explain.ts");
    return { operation: explainOperation, render: renderExplain };
  },
  solve: async () => {
    const { solveOperation } = await import("../../../src/operations/solve.ts");
    const { renderSolve } = await import("./solve.ts");
    return { operation: solveOperation, render: renderSolve };
  },
  compare: async () => {
    const { compareOperation } = await import("../../../src/operations/compare.ts");
    const { renderCompare } = await import("./compare.ts");
    return { operation: compareOperation, render: renderCompare };
  },
  search: async () => {
    const { searchOperation } = await import("../../../src/operations/search.ts");
    const { renderSearch } = await import("./search.ts");
    return { operation: searchOperation, render: renderSearch };
  },
  sweep: async () => {
    const { sweepOperation } = await import("../../../src/operations/sweep.ts");
    const { renderSweep } = await import("./sweep.ts");
    return { operation: sweepOperation, render: renderSweep };
  },
  query: async () => {
    const { queryOperation } = await import("../../../src/operations/query.ts");
    const { renderQuery } = await import("./query.ts");
    return { operation: queryOperation, render: renderQuery };
  },
  report: async () => {
    const { reportOperation } = await import("../../../src/operations/report.ts");
    const { renderReport } = await import("./report.ts");
    return { operation: reportOperation, render: renderReport };
  },
  import: async () => {
    const { importOperation } = await import("../../../src/operations/import.ts");
    const { renderImport, renderImportAside } = await import("./import.ts");
    return { operation: importOperation, render: renderImport, aside: renderImportAside };
  },
  export: async () => {
    const { exportOperation } = await import("../../../src/operations/export.ts");
    const { renderExport, renderExportAside } = await import("./export.ts");
    return { operation: exportOperation, render: renderExport, aside: renderExportAside };
  },
  validate: async () => {
    const { validateOperation } = await import("../../../src/operations/validate.ts");
    const { renderValidate } = await import("./validate.ts");
    return { operation: validateOperation, render: renderValidate };
  },
  spec: async () => {
    const { specOperation } = await import("../../../src/operations/spec.ts");
    const { renderSpec } = await import("./spec.ts");
    return { operation: specOperation, render: renderSpec };
  },
  accept: async () => {
    const { acceptOperation } = await import("../../../src/operations/accept.ts");
    const { renderAccept } = await import("./accept.ts");
    return { operation: acceptOperation, render: renderAccept };
  },
  catalog: async () => {
    const { catalogOperation } = await import("../../../src/operations/catalog.ts");
    const { renderCatalog } = await import("./catalog.ts");
    return { operation: catalogOperation, render: renderCatalog };
  },
  schema: async () => {
    const { schemaOperation } = await import("../../../src/operations/schema.ts");
    return { operation: schemaOperation, render: (schema) => `${JSON.stringify(schema, null, 2)}\n` };
  },
  support: async () => {
    const { supportOperation } = await import("../../../src/operations/support.ts");
    const { renderSupport } = await import("./support.ts");
    return { operation: supportOperation, render: renderSupport };
  },
};
