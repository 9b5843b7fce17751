/**
 * Runs of InferenceX that drafted tokens, though the table has no column for it. The benchmark's changelog tells them by
 * image and day: TensorRT-LLM served DeepSeek-R1 with drafting from image 1.2.0rc6.post3 and without from
 * 1.2.0rc6.post2; before, both used 1.1.0rc2.post2, the runs with drafting on the day it was added. The same
 * configurations without it are 1.2 to 2.5 times slower, by measurement. SGLang ran 8-bit DeepSeek-R1 on B200 with and
 * without drafting from one image on one day; there the rows leave open which is which.
 *
 * How many drafted tokens are accepted is stated nowhere.
 * @source inferencex-changelog, inferencex-scripts
 */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import type { SiliconRow } from "./silicon-row.ts";

/** Chance that a token of the model's own draft is taken, where nothing says it. */
export const usualAcceptance = 0.85;

export interface Drafting {
  readonly engine: Section;
  readonly inferred: readonly string[];
  readonly assumptions: readonly Assumption[];
}

const none: Drafting = { engine: {}, inferred: [], assumptions: [] };

const path = "serving.engine.speculation";

/** Clients of SGLang's runs with drafting. */
const [fewestClients, mostClients] = [4, 64];

export function draftingOf(point: SiliconRow): Drafting {
  const { harness, model, backend, layout } = point;
  if (harness !== "inferencex" || !("all" in layout) || !/deepseek-r1$/i.test(model)) return none;
  const { attentionData, tensor, expert } = layout.all;
  if (backend === "trtllm" && hasDraftingImage(point)) {
    const drafted = attentionData > 1 ? 1 : 3;
    const why = "the changelog of the benchmark: this image ran with drafting; the scripts' number of tokens";
    return {
      engine: { speculation: { method: "mtp", drafted, acceptance: usualAcceptance } },
      inferred: [path],
      assumptions: [assume(path, `${drafted} by the model's own layer`, why)],
    };
  }
  const both = backend === "sglang" && /^b200/.test(point.system) && point.precision === "fp8";
  const swept = point.concurrency >= fewestClients && point.concurrency <= mostClients;
  if (!both || !swept || tensor !== 8 || expert > 1) return none;
  const reason = "the benchmark ran this configuration with and without drafting, and the row does not say which it is";
  return { engine: {}, inferred: [path], assumptions: [assume(path, "none", reason)] };
}

/** Image or day of TensorRT-LLM's runs with drafting. */
function hasDraftingImage({ version, day }: SiliconRow): boolean {
  return version === "1.2.0rc6.post3" || (version === "1.1.0rc2.post2" && day === "2026-01-14");
}
