/** What runs once an iteration: embedding, the last norm, the head on sampled rows, the sampler. */

import type { Seconds } from "../../base/quantity.ts";
import type { Kernels } from "../../compute/index.ts";
import { collectiveSeconds } from "../../network/index.ts";
import { allReduceSeconds } from "./exchange-work.ts";
import type { StepOptions } from "./options.ts";
import { productTime } from "./product-time.ts";

const element = 2;

/** Before the first layer: rows looked up, and summed over the ranks that share the vocabulary. */
export function embeddingSeconds(options: StepOptions, kernels: Kernels, tokens: number): Seconds {
  const width = options.model.hidden * element;
  return kernels.memoryPass(2 * tokens * width) + allReduceSeconds(options, tokens, width);
}

/**
 * Bytes that sampling moves for each logit of a row: logits are widened to 32 bit, scaled and searched. From the
 * sampler's time on RTX PRO 6000: (217.6 - 11.7) us for 256 rows of 75,968 logits at 1.597 TB/s.
 * @source llmservingsim-profiles
 */
const samplerBytes = 17;

/** Kernels of one sampling. */
const samplerKernels = 5;

/** After the last layer: final norm of all tokens, logits of the rows that sample, gathered, and one token a row. */
export function headSeconds(options: StepOptions, kernels: Kernels, tokens: number, rows: number): Seconds {
  const { model, layout, platform, precision } = options;
  const norm = kernels.memoryPass(2 * tokens * model.hidden * element, "norm");
  if (rows === 0) return norm;
  const { tensor } = layout;
  const n = Math.ceil(model.vocabulary / tensor);
  const product = productTime(options, kernels, precision.head, { m: rows, n, k: model.hidden });
  const group = { size: tensor, perDomain: Math.min(tensor, platform.scaleUp.domain), stride: 1 };
  const size = rows * model.vocabulary * element;
  const gather = tensor > 1 ? collectiveSeconds(platform, { operation: "all-gather", size, group }) : 0;
  return norm + product + gather + samplerSeconds(options, kernels, rows);
}

function samplerSeconds({ model, engine, sampling }: StepOptions, kernels: Kernels, rows: number): Seconds {
  const logits = rows * model.vocabulary;
  const plain = kernels.memoryPass(samplerBytes * logits) + (samplerKernels - 1) * kernels.memoryPass(0);
  const { start, perLogit } = engine.sortedSampler;
  return sampling === "plain" ? plain : plain + start + perLogit * logits;
}
