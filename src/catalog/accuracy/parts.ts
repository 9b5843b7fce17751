/**
 * How far single parts of a step were off where they were measured alone: kernels against kernel tables, collectives
 * against benchmarks. Whole runs (`index.ts`) are off by more, since hours of load, hosts and layouts come on top.
 *
 * Shares are 90 % half-widths: nine of ten measurements lie within them. Where only a mean absolute error is kept, the
 * half-width is that of a normal distribution with this mean: 1.645 / 0.798 of it.
 */

import { mean, median } from "../../base/statistics.ts";
import type { Generation } from "../accelerator.ts";
import { kernelCalibration } from "../calibration/kernels.generated.ts";
import type { KernelCalibration } from "../calibration/kernels.ts";
import { expertCopies, measuredPlatforms } from "../calibration/network.generated.ts";
import { fittedTraining } from "../calibration/training.generated.ts";
import type { FittedTraining } from "../calibration/training.ts";
import { accuracyTable } from "./accuracy.generated.ts";

export interface PartError {
  /** Of the part's time. */
  readonly share: number;
  /** Where the figure comes from, in words. */
  readonly from: string;
  /** Absent where the part was measured on this hardware. */
  readonly hardware?: "other";
}

type Operator = keyof Pick<KernelCalibration, "gemm" | "attention" | "experts" | "passes">;

const operatorWords: Readonly<Record<Operator, string>> = {
  gemm: "matrix products",
  attention: "attention",
  experts: "grouped products",
  passes: "memory passes",
};

/** Kernels of this generation on shapes that were not fitted; of all generations where it has no tables. */
export function kernelError(operator: Operator, generation: Generation): PartError {
  const sets: KernelCalibration[Operator] = kernelCalibration[operator];
  const own = sets.filter(({ provenance }) => provenance.generation === generation);
  const shares = (own.length > 0 ? own : sets).map(({ provenance }) => {
    return (provenance.heldOutLarge ?? provenance.heldOut).p90;
  });
  const place = own.length > 0 ? `on ${generation}` : `on other generations: ${generation} has no tables`;
  const from = `tables of ${operatorWords[operator]} ${place}`;
  return { share: median(shares), from, ...(own.length > 0 ? {} : { hardware: "other" }) };
}

/** 90 % half-width of a normal distribution over its mean absolute value. */
const widthOfMean = 1.645 / 0.798;

/** Percent as calibration files keep it. */
const hundred = 100;

/** Collectives inside one scale-up domain, at sizes that were not fitted. */
export function domainCollectiveError(generation: Generation): PartError {
  const own = measuredPlatforms.filter((platform) => platform.generation === generation);
  const platforms = own.length > 0 ? own : measuredPlatforms;
  const errors = platforms.flatMap(({ curves }) => curves.map(({ error }) => error.heldOut / hundred));
  const place = own.length > 0 ? `on ${generation}` : `on other generations: ${generation} has none`;
  return { share: widthOfMean * mean(errors), from: `curves of collectives ${place}` };
}

/**
 * Collectives over several nodes: the largest error of the 15 points from 16 MiB on that informed no constant
 * (docs/models/network.md, "Against other records").
 */
export const nodesCollectiveError: PartError = Object.freeze({
  share: 0.11,
  from: "15 published collectives over several nodes",
});

/** Exchanges between experts, on rows that were not fitted. */
export function expertExchangeError(generation: Generation): PartError {
  const own = expertCopies.filter((copies) => copies.generation === generation);
  const errors = (own.length > 0 ? own : expertCopies).map(({ error }) => error.heldOut / hundred);
  return {
    share: widthOfMean * mean(errors),
    from: `tables of expert exchanges${own.length > 0 ? ` on ${generation}` : ""}`,
  };
}

/** Runs that judged a constant fitted on training runs. */
export function constantError(constant: keyof Omit<FittedTraining, "provenance">): PartError | undefined {
  const found = fittedTraining.provenance.find(({ constants }) => constants.includes(constant));
  return found && { share: found.judged.p90, from: `${found.judged.rows} runs: ${found.judged.on}` };
}

/**
 * Measured over predicted on the kinds of hardware and model that were measured worst, less 1: for what was not measured
 * at all. Of this class of model where any was measured.
 */
export function widestRunError(architecture: string): { readonly less: number; readonly more: number } {
  const steps = accuracyTable.classes.filter(({ kind, count }) => kind === "training-step" && count >= 5);
  const alike = steps.filter((entry) => entry.architecture === architecture);
  const classes = alike.length > 0 ? alike : steps;
  const high = Math.max(1, ...classes.map((entry) => entry.high));
  const low = Math.min(1, ...classes.map((entry) => entry.low));
  return { less: 1 - 1 / high, more: 1 / low - 1 };
}
