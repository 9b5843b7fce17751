/** Nemotron-NAS (DeciLM): a searched Llama whose layers differ; parts may be missing. */

import type { FeedForward, Mixer } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { fieldsOf, isRecord, shown } from "./reader.ts";
import { names, plainEmbedding, readActivation, readStack, refuseFlag } from "./shape.ts";

export const nemotronNasClasses: readonly ModelClass[] = [
  {
    modelTypes: ["nemotron-nas"],
    architectures: ["DeciLMForCausalLM"],
    sources: ["vllm-models"],
    read: readNemotronNas,
  },
];

/** Widths are rounded up to a multiple of this. */
const widthMultiple = 256;

/** One norm a part that exists; no key-value cache where attention is skipped. */
function readNemotronNas(fields: Fields): ModelBody {
  const stack = readStack(fields, "untied");
  const heads = fields.integer(names.heads);
  if (fields.sound() && stack.hidden % heads !== 0) {
    fields.problem("num_attention_heads", `hidden size ${stack.hidden} does not divide by ${heads} heads`);
  }
  refuseFlag(fields, "attention_bias");
  refuseFlag(fields, "mlp_bias");
  const activation = readActivation(fields, "silu");
  const layers = fields.perLayer("block_configs", stack.layers, (value, path) => {
    if (!isRecord(value)) fields.problem(path, `expected an object, found ${shown(value)}`);
    const block = fieldsOf(isRecord(value) ? value : {}, `${fields.path}${path}.`, fields.report);
    const mixer = readMixer(block, stack.hidden, heads);
    const feedForward = readWidth(block, stack.hidden, activation);
    const norms = (mixer.kind === "none" ? 0 : 1) + (feedForward.kind === "none" ? 0 : 1);
    return layer(mixer, feedForward, { parameters: norms * stack.hidden, norms });
  });
  if (layers === null && fields.sound()) fields.problem("block_configs", "not derivable: field block_configs unknown");
  return { ...stack, embedding: plainEmbedding(stack, stack.hidden), layers: layers ?? [] };
}

function readMixer(block: Fields, hidden: number, heads: number): Mixer {
  const attention = block.section("attention");
  if (!attention) {
    block.problem("attention", "not derivable: field attention unknown");
    return { kind: "none" };
  }
  if (attention.flag("no_op", "no")) return { kind: "none" };
  refuseFlag(attention, "replace_with_linear");
  if (attention.value("window_length") !== undefined) {
    attention.problem("window_length", "not derivable: field window_length");
  }
  const groupSize = attention.integer("n_heads_in_group");
  if (attention.sound() && heads % groupSize !== 0) {
    attention.problem("n_heads_in_group", `${heads} heads do not divide into groups of ${groupSize}`);
  }
  const keyValueHeads = Math.max(1, Math.floor(heads / groupSize));
  return groupedQueryAttention({ hidden, heads, keyValueHeads, headDim: Math.max(1, Math.floor(hidden / heads)) });
}

/** f = ceil(floor(2 m h / 3) / 256) x 256. */
function readWidth(block: Fields, hidden: number, activation: string): FeedForward {
  const section = block.section("ffn");
  if (!section) {
    block.problem("ffn", "not derivable: field ffn unknown");
    return { kind: "none" };
  }
  if (section.flag("no_op", "no")) return { kind: "none" };
  refuseFlag(section, "replace_with_linear");
  const multiplier = section.number("ffn_mult", undefined, { min: 0.001, max: 64 });
  const width = Math.ceil(Math.floor((2 * multiplier * hidden) / 3) / widthMultiple) * widthMultiple;
  return denseFeedForward({ hidden, width: Math.max(widthMultiple, width), gated: "gated", activation });
}
