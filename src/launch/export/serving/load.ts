/**
 * The requests of a design as the command of a benchmark: one class of requests of equal length, at one rate or so many
 * at once. Anything else has no arguments there.
 */

import type { ServingDesign } from "../../../scenario/index.ts";

export interface Load {
  readonly count: number;
  readonly input: number;
  readonly output: number;
  readonly prefix: number;
  /** Undefined: all at once. */
  readonly rate?: number;
  /** Shape of the gamma law of gaps; 1 is Poisson. */
  readonly burstiness: number;
  readonly concurrency?: number;
}

export function loadOf({ requests }: ServingDesign): Load | undefined {
  if (requests.source !== "described") return undefined;
  const { arrival, classes, count, prefix, session } = requests.spec;
  const [only] = classes;
  if (classes.length !== 1 || only === undefined || session !== undefined || !Number.isFinite(count)) return undefined;
  if (only.input.kind !== "constant" || only.output.kind !== "constant") return undefined;
  const common = prefix?.tokens;
  if (prefix !== undefined && (prefix.groups !== 1 || common?.kind !== "constant")) return undefined;
  const lengths = {
    count,
    input: only.input.value,
    output: only.output.value,
    prefix: common?.kind === "constant" ? common.value : 0,
  };
  if (arrival.kind === "batch") {
    return { ...lengths, burstiness: 1, ...(arrival.concurrency > 0 ? { concurrency: arrival.concurrency } : {}) };
  }
  if (arrival.kind !== "open") return undefined;
  const { law, stages } = arrival;
  const [stage] = stages;
  if (stages.length !== 1 || stage === undefined || (law.kind !== "poisson" && law.kind !== "gamma")) return undefined;
  return { ...lengths, rate: stage.rate, burstiness: law.kind === "gamma" ? 1 / (law.cv * law.cv) : 1 };
}

/** Flags that `vllm bench serve`, and the scripts made from it, have in common. */
export function loadFlags(model: string, load: Load): readonly string[] {
  const { count, input, output, prefix, rate, burstiness, concurrency } = load;
  return [
    `--model ${model}`,
    "--dataset-name random",
    `--random-input-len ${input}`,
    `--random-output-len ${output}`,
    ...(prefix > 0 ? [`--random-prefix-len ${prefix}`] : []),
    `--num-prompts ${count}`,
    `--request-rate ${rate ?? "inf"}`,
    ...(burstiness === 1 ? [] : [`--burstiness ${burstiness}`]),
    ...(concurrency === undefined ? [] : [`--max-concurrency ${concurrency}`]),
    "--ignore-eos",
  ];
}
