/**
 * Fits what lies between two iterations and the ways from and to the client on the runs of `blis-train` (vLLM 0.15.1 on
 * H100, not overloaded); `blis-gt`, the silicon sample and MLPerf only judge. Errors on all are printed by group.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FittedServing, ServingError } from "../../../src/catalog/calibration/serving.ts";
import type { CalibrationStep } from "../step.ts";
import { blisRows } from "./blis.ts";
import { type Constants, errorsOf, type Metric, summary } from "./judge.ts";
import { mlperfRows } from "./mlperf.ts";
import type { ServingRow } from "./rows.ts";
import { hiddenSpeculation, siliconRows } from "./silicon.ts";

export const serving: CalibrationStep = {
  name: "serving",
  async run({ shared, repository, log }) {
    const blis = blisRows(shared);
    const train = blis.filter(({ source }) => source === "blis-train");
    const judge = blis.filter(({ source }) => source === "blis-gt");
    const constants = bestConstants(train);
    log(`iteration ${(constants.iteration * 1e6).toFixed(0)} us, hops ${(constants.hops * 1e3).toFixed(2)} ms`);
    const latencies: readonly Metric[] = ["endToEnd", "firstToken", "perToken"];
    const of = (rows: readonly ServingRow[], metrics: readonly Metric[]): readonly ServingError[] =>
      metrics.map((metric) => summary(metric, errorsOf(rows, metric, constants)));
    const silicon = siliconRows(shared).filter((row) => !hiddenSpeculation(row));
    const groups: readonly (readonly [string, readonly ServingRow[], readonly Metric[]])[] = [
      ["blis-gt", judge, latencies],
      ...byEngine(silicon),
      ...byModel(mlperfRows(shared)),
    ];
    const judged = groups.flatMap(([on, rows, metrics]) => of(rows, metrics).map((error) => ({ on, ...error })));
    const fitted = of(train, latencies);
    for (const error of fitted) log(line("blis-train (fitted)", error));
    for (const error of judged) log(line(error.on, error));
    const families = [...new Set(train.map(({ options }) => options.model.family))].sort();
    const result: FittedServing = {
      ...constants,
      provenance: [
        {
          constants: ["iteration", "hops"],
          engine: "vLLM 0.15.1 on h100-sxm",
          fittedOn: "blis-train without its overloaded runs",
          rows: train.length,
          families,
          fitted,
          judged,
        },
      ],
    };
    writeFileSync(join(repository, "src/catalog/calibration/serving.generated.ts"), fileOf(result));
  },
};

/** The two constants that bring the median signed error of time per token and of time to first token to nought. */
function bestConstants(rows: readonly ServingRow[]): Constants {
  let constants: Constants = { iteration: 0, hops: 0 };
  for (let round = 0; round < 3; round++) {
    const iteration = rooted(0, 1e-3, (value) =>
      middle(errorsOf(rows, "perToken", { ...constants, iteration: value })),
    );
    constants = { ...constants, iteration };
    const hops = rooted(0, 50e-3, (value) => middle(errorsOf(rows, "firstToken", { ...constants, hops: value })));
    constants = { ...constants, hops };
  }
  return constants;
}

/** Where a rising function crosses nought, to three digits. */
function rooted(low: number, high: number, at: (value: number) => number): number {
  for (let round = 0; round < 12; round++) {
    const between = (low + high) / 2;
    if (at(between) < 0) low = between;
    else high = between;
  }
  return Number(((low + high) / 2).toPrecision(3));
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

type Group = readonly [string, readonly ServingRow[], readonly Metric[]];

/** The silicon sample by engine, kind of model and whether the version is known. */
function byEngine(rows: readonly ServingRow[]): readonly Group[] {
  return grouped(rows, ["perToken"], (row) => {
    const experts = row.options.model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts");
    const version = row.engine.version === "" ? "version unknown" : "version known";
    return [
      `silicon ${experts ? "MoE" : "dense"}, ${version}`,
      `silicon ${row.engine.name} ${row.engine.version} ${row.accelerator} ${row.model}`,
    ];
  });
}

function byModel(rows: readonly ServingRow[]): readonly Group[] {
  return grouped(rows, ["outputPerSecond"], (row) => ["mlperf offline", `mlperf ${row.model} ${row.accelerator}`]);
}

function grouped(
  rows: readonly ServingRow[],
  metrics: readonly Metric[],
  keys: (row: ServingRow) => readonly string[],
): readonly Group[] {
  const groups = new Map<string, ServingRow[]>();
  for (const row of rows) for (const key of keys(row)) groups.set(key, [...(groups.get(key) ?? []), row]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => [key, list, metrics] as const);
}

function line(on: string, { metric, rows, median, p90, bias }: ServingError): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return `${on}: ${metric} ${rows} rows, median ${percent(median)}, p90 ${percent(p90)}, bias ${percent(bias)}`;
}

function fileOf(result: FittedServing): string {
  const { provenance, ...values } = result;
  const rows = provenance.map((entry) => `    ${JSON.stringify(entry)},`).join("\n");
  const head =
    '// Generated by `npm run calibrate serving`; do not edit.\nimport type { FittedServing } from "./serving.ts";\n';
  const body = Object.entries(values)
    .map(([name, value]) => `  ${name}: ${value},`)
    .join("\n");
  return `${head}\nexport const fittedServing: FittedServing = {\n${body}\n  provenance: [\n${rows}\n  ],\n};\n`;
}
