/**
 * Runs of InferenceX that drafted tokens, though the table has no column for it. The benchmark's changelog tells them by
 * image and day: TensorRT-LLM served DeepSeek-R1 with drafting from image 1.2.0rc6.post3 and without from
 * 1.2.0rc6.post2; before, both used 1.1.0rc2.post2, the runs with drafting on the day it was added. The same
 * configurations without it are 1.2 to 2.5 times slower, by measurement. SGLang ran 8-bit Qwen3.5 on four B200 by tensor
 * alone only with drafting, without it on four by expert or on eight. 8-bit DeepSeek-R1 on eight B200 it ran both ways
 * from one image on one day, with 4 to 64 clients, where the rows leave open which is which; with more clients only the
 * runs that drafted (two steps), and only their script lets more than 128 sequences run.
 *
 * How many drafted tokens are accepted is stated nowhere; what others measured on such prompts is taken.
 * @source inferencex-changelog, inferencex-scripts
 */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import type { Degrees, SiliconRow } from "./silicon-row.ts";

/**
 * Chances at each place on prompts of random tokens, as the benchmark sends them. 0.77 and 0.47 were measured on
 * DeepSeek-V4, whose third place is taken to fall on alike; Qwen's module falls as it does on real text.
 * @source mtp-acceptance-random, mtp-acceptance-places
 */
export function randomAcceptance(model: string, drafted: number): readonly number[] {
  const chances = /qwen/i.test(model) ? [0.77, 0.72, 0.65] : [0.77, 0.47, 0.29];
  return chances.slice(0, drafted);
}

export interface Drafting {
  readonly engine: Section;
  readonly inferred: readonly string[];
  readonly assumptions: readonly Assumption[];
}

const none: Drafting = { engine: {}, inferred: [], assumptions: [] };

const path = "serving.engine.speculation";

/** Clients of SGLang's runs of both kinds. */
const [fewestClients, mostClients] = [4, 64];

export function draftingOf(point: SiliconRow): Drafting {
  if (point.harness !== "inferencex" || !("all" in point.layout)) return none;
  const drafted = draftedTokens(point, point.layout.all);
  if (drafted !== undefined) {
    const why = "the changelog of the benchmark: this configuration ran with drafting; the scripts' number of tokens";
    return {
      engine: { speculation: { method: "mtp", drafted, acceptance: randomAcceptance(point.model, drafted) } },
      inferred: [path],
      assumptions: [assume(path, `${drafted} by the model's own layer`, why)],
    };
  }
  if (!ranBoth(point, point.layout.all)) return none;
  const reason = "the benchmark ran this configuration with and without drafting, and the row does not say which it is";
  return { engine: {}, inferred: [path], assumptions: [assume(path, "none", reason)] };
}

/** Tokens that one step drafts, where the changelog leaves no doubt. */
function draftedTokens(point: SiliconRow, { tensor, expert, attentionData }: Degrees): number | undefined {
  const { backend, version, model, precision } = point;
  if (backend === "trtllm" && /deepseek-r1$/i.test(model)) {
    const image = version === "1.2.0rc6.post3" || (version === "1.1.0rc2.post2" && point.day === "2026-01-14");
    return image ? (attentionData > 1 ? 1 : 3) : undefined;
  }
  if (isOfEight(point, { tensor, expert }) && point.concurrency > mostClients) return 2;
  const narrow = tensor === 4 && expert === 1 && attentionData === 1;
  return isSglangOnB200(point) && /qwen3\.5-397b/i.test(model) && precision === "fp8" && narrow ? 3 : undefined;
}

/** DeepSeek-R1 in 8 bit on eight accelerators by tensor, with those numbers of clients. */
function ranBoth(point: SiliconRow, degrees: Degrees): boolean {
  return isOfEight(point, degrees) && point.concurrency >= fewestClients && point.concurrency <= mostClients;
}

function isOfEight(point: SiliconRow, { tensor, expert }: Pick<Degrees, "tensor" | "expert">): boolean {
  const same = isSglangOnB200(point) && /deepseek-r1$/i.test(point.model) && point.precision === "fp8";
  return same && tensor === 8 && expert === 1;
}

function isSglangOnB200({ backend, system }: SiliconRow): boolean {
  return backend === "sglang" && system.startsWith("b200");
}
