/**
 * Fits the constants of training stacks on measured runs: MPT on A100 (clocks under load, first flash kernels, eager
 * FSDP), then Megatron-Bridge's Llama 3 rows (Hopper and Blackwell under load, fused stacks) and its DeepSeek-V3 rows
 * (routed rows). Everything else in the evidence only judges; errors on both are printed and written beside the values.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fittedTraining } from "../../../src/catalog/calibration/training.generated.ts";
import type { FittedTraining, TrainingProvenance } from "../../../src/catalog/calibration/training.ts";
import { readEvidence } from "../../evidence-files.ts";
import type { CalibrationStep } from "../step.ts";
import { fittest, loss, summary } from "./fit.ts";
import { type Row, rowsOf, stepError } from "./rows.ts";

interface Stage {
  readonly name: string;
  readonly constants: readonly string[];
  readonly fits: (row: Row) => boolean;
  readonly judges: (row: Row) => boolean;
  readonly judgedOn: string;
  readonly values: (fitted: FittedTraining) => readonly number[];
  readonly with: (fitted: FittedTraining, values: readonly number[]) => FittedTraining;
}

const generation = (row: Row): string => row.case.cluster.node.accelerator.generation;
const isMpt = (row: Row): boolean => row.record.id.startsWith("mpt-");
const isBridge = (row: Row): boolean => row.record.id.startsWith("mbridge-");

const ampere: Stage = {
  name: "MosaicML MPT on A100",
  constants: ["energy.ampere16", "firstFlashShare", "fsdpElementwise"],
  fits: (row) => row.record.use === "fit" && isMpt(row),
  judges: (row) => row.record.use === "judge" && generation(row) === "ampere",
  judgedOn: "vTrain, Korthikanti and MT-NLG on A100",
  values: ({ energy, firstFlashShare, fsdpElementwise }) => [energy.ampere16, firstFlashShare, fsdpElementwise],
  with: (fitted, [ampere16 = 0, firstFlashShare = 0, fsdpElementwise = 0]) => ({
    ...fitted,
    energy: { ...fitted.energy, ampere16 },
    firstFlashShare,
    fsdpElementwise,
  }),
};

const isMoe = (row: Row): boolean => row.case.model.layerKinds.some((kind) => kind.feedForward.kind === "experts");

const dense: Stage = {
  name: "Megatron-Bridge Llama 3 on H100, B200, B300, GB200, GB300",
  constants: ["energy.hopper8", "energy.blackwell8", "energy.blackwell4", "megatronElementwise", "fastSoftmaxGain"],
  fits: (row) => row.record.use === "fit" && isBridge(row) && !isMoe(row),
  judges: (row) => row.record.use === "judge" && generation(row) === "hopper" && !isMoe(row),
  judgedOn: "dense runs on Hopper: MPT, MLPerf, Megatron-LM examples",
  values: ({ energy, megatronElementwise, fastSoftmaxGain }) => [
    energy.hopper8,
    energy.blackwell8,
    energy.blackwell4,
    megatronElementwise,
    fastSoftmaxGain,
  ],
  with: (fitted, [hopper8 = 0, blackwell8 = 0, blackwell4 = 0, passes = 0, gain = 0]) => ({
    ...fitted,
    energy: { ...fitted.energy, hopper8, blackwell8, blackwell4 },
    megatronElementwise: Math.max(1, passes),
    fastSoftmaxGain: Math.max(1, gain),
  }),
};

/** Only where the exchange stays inside one domain: between domains the network's own error would leak into it. */
const experts: Stage = {
  name: "Megatron-Bridge DeepSeek-V3 on GB200 and GB300 NVL72",
  constants: ["rowTime", "routedWait"],
  fits: (row) =>
    row.record.use === "fit" &&
    isBridge(row) &&
    isMoe(row) &&
    row.case.cluster.node.scaleUp.domain > row.case.layout.expert,
  judges: (row) => row.record.use === "judge" && isBridge(row),
  judgedOn: "Megatron-Bridge Qwen3, GPT-OSS, Kimi K2 and Nemotron 3",
  values: ({ rowTime, routedWait }) => [rowTime, routedWait],
  with: (fitted, [rowTime = 0, routedWait = 0]) => ({ ...fitted, rowTime, routedWait }),
};

/** The same model on boxes, most of it without graphs: many local experts, so that the host sets the pace. */
const host: Stage = {
  name: "Megatron-Bridge DeepSeek-V3 on H100, B200 and B300 boxes",
  constants: ["launch"],
  fits: (row) => row.record.use === "fit" && isBridge(row) && isMoe(row) && !experts.fits(row),
  judges: experts.judges,
  judgedOn: experts.judgedOn,
  values: ({ launch }) => [launch],
  with: (fitted, [launch = 0]) => ({ ...fitted, launch }),
};

export const training: CalibrationStep = {
  name: "training",
  async run({ repository, log }) {
    const rows = rowsOf(readEvidence());
    let fitted: FittedTraining = { ...fittedTraining, provenance: [] };
    for (const stage of [ampere, dense, experts, host]) fitted = fitStage(stage, fitted, rows, log);
    writeFileSync(join(repository, "src/catalog/calibration/training.generated.ts"), generated(fitted));
  },
};

function fitStage(
  stage: Stage,
  start: FittedTraining,
  rows: readonly Row[],
  log: (line: string) => void,
): FittedTraining {
  const own = rows.filter(stage.fits);
  const others = rows.filter(stage.judges);
  const errors = (set: readonly Row[], fitted: FittedTraining): readonly number[] =>
    set.map((row) => stepError(row, fitted));
  // Starts from fixed values, not from the last fit, so that running twice gives the same bytes.
  const values = fittest(stage.values(starting), (at) => loss(errors(own, stage.with(start, at))));
  const fitted = stage.with(
    start,
    values.map((value) => Number(value.toPrecision(4))),
  );
  const entry: TrainingProvenance = {
    constants: stage.constants,
    fittedOn: stage.name,
    rows: own.length,
    families: [...new Set(own.map((row) => row.case.model.family))].sort(),
    fitted: summary(errors(own, fitted)),
    judged: { on: stage.judgedOn, rows: others.length, ...summary(errors(others, fitted)) },
  };
  log(`${stage.name}: ${stage.constants.map((name, index) => `${name} ${stage.values(fitted)[index]}`).join(", ")}`);
  log(
    `  fitted on ${entry.rows} rows: ${text(entry.fitted)}; judged on ${others.length} (${stage.judgedOn}): ${text(entry.judged)}`,
  );
  return { ...fitted, provenance: [...fitted.provenance, entry] };
}

/** Where each fit starts: orders of magnitude from datasheets. */
const starting: FittedTraining = {
  energy: { ampere16: 1.5e-12, hopper8: 0.6e-12, blackwell8: 0.45e-12, blackwell4: 0.2e-12 },
  firstFlashShare: 0.36,
  fsdpElementwise: 2,
  megatronElementwise: 1.1,
  rowTime: 5e-9,
  routedWait: 300e-6,
  launch: 100e-6,
  fastSoftmaxGain: 1.2,
  provenance: [],
};

function text({ median, p90, bias }: TrainingProvenance["fitted"]): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return `median ${percent(median)}, p90 ${percent(p90)}, bias ${percent(bias)}`;
}

function generated(fitted: FittedTraining): string {
  return `/** Generated by \`npm run calibrate training\`; do not edit. */
import type { FittedTraining } from "./training.ts";

export const fittedTraining: FittedTraining = ${JSON.stringify(fitted, null, 2)};
`;
}
