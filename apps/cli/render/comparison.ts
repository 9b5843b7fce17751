/** A prediction beside a published FLOP rate, under both ways of counting attention. */

import { parseQuantity } from "../../../src/base/quantity.ts";
import type { EvidenceRecord } from "../../../src/evidence/index.ts";
import { type FlopConvention, modelFlop } from "../../../src/training/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";
import type { TrainingOutput } from "./training.ts";

/** Table 4 states the utilisation beside the rate; the record keeps the rate alone. @source llama3-2024 */
const publishedUtilization = 0.41;

/** Predicted rate of one accelerator, FLOP/s, with attention counted so. */
function rate({ design, prediction }: TrainingOutput, convention: FlopConvention): number {
  const c = design.training.case;
  return modelFlop(c, convention) / (prediction.metrics.stepTime ?? Number.NaN) / c.cluster.accelerators;
}

/** The measured rate of a record, FLOP/s of one accelerator. */
function measuredRate(record: EvidenceRecord): number {
  const entry = record.measured.find(({ metric }) => metric === "modelFlopsPerSecondPerAccelerator");
  const parsed = parseQuantity(entry?.value, "flopPerSecond");
  if (!parsed.ok) throw new Error(`record ${record.id} has no FLOP rate: ${parsed.message}`);
  return parsed.value;
}

export function renderComparison(output: TrainingOutput, record: EvidenceRecord, view: View): string {
  const measured = measuredRate(record);
  const causal = rate(output, "megatron-core-2024");
  const square = rate(output, "korthikanti-model");
  const peak = output.design.training.case.cluster.node.accelerator.peak.bf16 ?? Number.NaN;
  const tera = (value: number): string => (value / 1e12).toFixed(0);
  const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const error = (value: number): string => `${value >= measured ? "+" : ""}${share(value / measured - 1)}`;
  const rows = [
    ["published", tera(measured), `${publishedUtilization * 100} %`, ""],
    ["predicted, attention counted causally", tera(causal), share(causal / peak), error(causal)],
    ["predicted, attention counted as a square", tera(square), share(square / peak), error(square)],
  ];
  const columns = [
    { title: "" },
    { title: "model TFLOP/s per GPU", align: "right" },
    { title: "MFU", align: "right" },
    { title: "error", align: "right" },
  ] as const;
  const { title, where, year } = record.source;
  const use = record.use === "fit" ? "fitted: calibration used it" : "judged, not fitted: nothing was calibrated on it";
  const notes = [
    `Published: ${title}, ${where} (${year}): "${record.quote}". It does not say how attention is counted.`,
    `This row was ${use}. Chosen by us, because the source does not state it: ${record.inferred.join(", ")}.`,
  ];
  const text = notes.map((note) => hanging("  ", note, view.width));
  return `${[view.bold("Beside the published measurement"), ...renderTable(columns, rows), ...text].join("\n")}\n`;
}
