/** Raw kind `training-step`: one reader per source says what the run was; the measurement is read alike for all. */

import { assembleRecord, type Converter, type SourceReader } from "./converter.ts";
import { stepReadings } from "./measured.ts";
import { amdSources } from "./training/amd.ts";
import { megatronBridge } from "./training/megatron-bridge.ts";
import { megatronPapers } from "./training/megatron-papers.ts";
import { mlperfLora } from "./training/mlperf.ts";
import { mpt } from "./training/mpt.ts";
import { tpuSources } from "./training/tpu.ts";
import { vtrain } from "./training/vtrain.ts";

const readers: readonly SourceReader[] = [
  megatronBridge,
  mpt,
  vtrain,
  ...megatronPapers,
  ...tpuSources,
  mlperfLora,
  ...amdSources,
];

/** Rows that no reader can take, and why. */
const unreadable: Readonly<Record<string, string>> = {
  "megascale-moe-352b-1440": "model dimensions, batch and layout are not stated",
};

export const trainingStep: Converter = {
  kind: "training-step",
  summary: "Time or throughput of one optimizer step",
  convert(row) {
    const reason = unreadable[row.id];
    if (reason !== undefined) return { skip: reason };
    const reader = readers.find((entry) => entry.matches(row));
    if (reader === undefined) return { skip: `no reader for the source "${row.source.title}"` };
    const draft = reader.draft(row);
    if ("skip" in draft) return draft;
    const readings = stepReadings(row, draft.flopConvention === undefined ? "no-flops" : "all");
    const first = readings.measured[0];
    if (first === undefined) return { skip: "no time or throughput measured" };
    return assembleRecord(row, draft, readings);
  },
};
