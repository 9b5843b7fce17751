/**
 * Layouts of InferenceX's runs where the scripts did not do what the table says. Tables hold what the benchmark's matrix
 * asked for; a script that reads neither the expert degree nor attention data parallelism runs plain tensor parallelism,
 * and the times say so: MiniMax with and without attention data parallelism come out within 1 % at every number of
 * clients.
 *
 * - vLLM, MiniMax M2.5 in 8 bit on B200: experts spread whatever was asked for until 0.17; from 0.19 on as asked for, but
 *   attention never data-parallel.
 * - vLLM, Kimi K2.5 in 4 bit on B200: tensor parallelism alone.
 * - TensorRT-LLM, DeepSeek-R1 on H200 until November 2025: the script chose the layout, experts over all ranks and
 *   attention data-parallel above 64 clients, or 32 with long prompts.
 * @source inferencex-minimax-experts, inferencex-serving-scripts
 */

import { isSince } from "../../../serving/version.ts";
import type { Assumption } from "../../record.ts";
import { assume } from "../converter.ts";
import type { ServedEngine } from "./engine.ts";
import type { Degrees, SiliconRow } from "./silicon-row.ts";

interface ScriptedLayout {
  readonly layout: SiliconRow["layout"];
  readonly assumptions: readonly Assumption[];
}

export function scriptedLayout(engine: ServedEngine, point: SiliconRow): ScriptedLayout {
  const { layout } = point;
  if (point.harness !== "inferencex" || !("all" in layout)) return { layout, assumptions: [] };
  const { all } = layout;
  const ran = ranAs(engine, point, all);
  if (ran === undefined) return { layout, assumptions: [] };
  const { tensor, expert, attentionData } = ran;
  const changed = Object.entries({ tensor, expert, attentionData }).filter(
    ([key, value]) => value !== all[key as keyof Degrees],
  );
  const why = "the script of that time ran this layout whatever the table says";
  return {
    layout: { all: ran },
    assumptions: changed.map(([key, value]) => assume(`serving.${key}`, value, why)),
  };
}

function ranAs({ name, version }: ServedEngine, point: SiliconRow, all: Degrees): Degrees | undefined {
  const { model, system, precision } = point;
  const ranks = all.tensor * all.attentionData;
  const byTensor = { ...all, tensor: ranks, attentionData: 1 };
  if (name === "vllm" && /b200/i.test(system)) {
    if (/minimax/i.test(model) && precision === "fp8") {
      return { ...byTensor, expert: isSince(version, "0.19") ? all.expert : ranks };
    }
    return /kimi/i.test(model) && /fp4/.test(precision) ? { ...byTensor, expert: 1 } : undefined;
  }
  const early = name === "tensorrt-llm" && point.day !== "" && point.day < layoutsStated;
  return early && /h200/i.test(system) && /deepseek/i.test(model) ? earlyLayout(point, all, ranks) : undefined;
}

/** From then on the benchmark's matrix named layouts. */
const layoutsStated = "2025-12-01";

function earlyLayout({ concurrency, input }: SiliconRow, all: Degrees, ranks: number): Degrees {
  const data = concurrency > (input === 8192 ? 32 : 64);
  const attention = data ? { tensor: 1, attentionData: ranks } : { tensor: ranks, attentionData: 1 };
  return { ...all, ...attention, expert: ranks };
}
