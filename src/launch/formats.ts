/** Formats of launch files, in the order in which a text is held against them. To add one: a file, and a line here. */

import { bridge } from "./bridge.ts";
import { deepspeed } from "./deepspeed.ts";
import type { LaunchFormat } from "./format.ts";
import { llmFoundry } from "./llm-foundry.ts";
import { maxtext } from "./maxtext.ts";
import { megatron } from "./megatron.ts";
import { sglang } from "./sglang.ts";
import { tensorrtLlm } from "./tensorrt-llm.ts";
import { torchtitan } from "./torchtitan.ts";
import { vllm } from "./vllm.ts";

export const formats: readonly LaunchFormat[] = Object.freeze([
  megatron,
  bridge,
  torchtitan,
  deepspeed,
  llmFoundry,
  maxtext,
  vllm,
  sglang,
  tensorrtLlm,
]);
