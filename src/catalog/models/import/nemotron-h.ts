/** Nemotron-H and Nemotron 3: one block a layer out of Mamba-2, attention, experts and MLP, squared ReLU. */

import type { FeedForward, LayerKind, Mixer } from "../../model.ts";
import type { ModelBody } from "./blocks.ts";
import { denseFeedForward, draftModule, expertFeedForward, groupedQueryAttention, layer } from "./blocks.ts";
import type { ModelClass } from "./class.ts";
import type { Fields } from "./reader.ts";
import { rangeOf, shown } from "./reader.ts";
import { mamba2 } from "./recurrent.ts";
import {
  names,
  plainEmbedding,
  readActivation,
  readExperts,
  readHeads,
  readStack,
  refuseFlag,
  refuseWindow,
} from "./shape.ts";

export const nemotronHClasses: readonly ModelClass[] = [
  {
    modelTypes: ["nemotron_h"],
    architectures: ["NemotronHForCausalLM"],
    sources: ["transformers-models", "vllm-models"],
    read: readNemotronH,
  },
];

type Block = "mamba" | "attention" | "moe" | "mlp";
const letters: Readonly<Record<string, Block>> = { M: "mamba", "*": "attention", E: "moe", "-": "mlp" };
const words: Readonly<Record<string, Block>> = {
  mamba: "mamba",
  linear_attention: "mamba",
  attention: "attention",
  full_attention: "attention",
  moe: "moe",
  mlp: "mlp",
};

function readNemotronH(fields: Fields): ModelBody {
  const blocks = readBlocks(fields, ["hybrid_override_pattern", "layers_block_type"], "required");
  const stack = readStack(fields, "untied", blocks.length);
  const { hidden } = stack;
  if (fields.sound() && blocks.length < stack.layers) {
    fields.problem("hybrid_override_pattern", `has ${blocks.length} blocks for ${stack.layers} layers`);
  }
  for (const name of ["attention_bias", "use_bias", "mamba_proj_bias"]) refuseFlag(fields, name);
  refuseWindow(fields);
  const parts = readParts(fields, hidden, new Set(blocks));
  const norm = { parameters: hidden, norms: 1 };
  const kinds: Readonly<Record<Block, LayerKind>> = {
    mamba: layer(parts.mamba, { kind: "none" }, norm),
    attention: layer(parts.attention, { kind: "none" }, norm),
    moe: layer({ kind: "none" }, parts.moe, norm),
    mlp: layer({ kind: "none" }, parts.mlp, norm),
  };
  const layers = rangeOf(stack.layers).map((index) => kinds[blocks[index] ?? "mlp"]);
  const draft = readDraft(fields, parts, hidden);
  const modules = fields.integer("num_nextn_predict_layers", draft ? 1 : 0, { min: 0, max: 16 });
  return {
    ...stack,
    embedding: plainEmbedding(stack, hidden),
    layers,
    ...(draft && modules > 0 ? { multiToken: draftModule({ hidden, modules, layer: draft, copyParameters: 0 }) } : {}),
  };
}

/** Blocks from a pattern of letters or a list of words; an unknown one is not derivable. */
function readBlocks(fields: Fields, fieldNames: readonly string[], need: "required" | "optional"): Block[] {
  const name = fieldNames.find((candidate) => fields.value(candidate) !== undefined) ?? fieldNames[0] ?? "";
  const value = fields.value(fieldNames);
  if (value === undefined) {
    if (need === "required") fields.problem(name, `not derivable: field ${name} unknown`);
    return [];
  }
  const table = typeof value === "string" ? letters : words;
  const entries: readonly unknown[] = typeof value === "string" ? [...value] : Array.isArray(value) ? value : [];
  if (entries.length === 0)
    fields.problem(name, `expected a pattern of letters or a list of blocks, found ${shown(value)}`);
  if (entries.length > 10_000) {
    fields.problem(name, `expected at most 10000 blocks, found ${entries.length}`);
    return [];
  }
  const unknown = entries.find((entry) => typeof entry !== "string" || !Object.hasOwn(table, entry));
  if (unknown !== undefined) {
    fields.problem(name, `not derivable: block ${shown(unknown)} unknown`, `known: ${Object.keys(table).join(" ")}`);
    return [];
  }
  return entries.map((entry) => table[String(entry)] ?? "mlp");
}

interface Parts {
  readonly mamba: Mixer;
  readonly attention: Mixer;
  readonly moe: FeedForward;
  readonly mlp: FeedForward;
}

/** Only the parts that occur are read, so that a file need not describe the others. */
function readParts(fields: Fields, hidden: number, used: ReadonlySet<Block>): Parts {
  const activation = readActivation(fields, "relu2");
  const drafts = new Set(readBlocks(fields, ["mtp_hybrid_override_pattern", "mtp_layers_block_type"], "optional"));
  const needs = (block: Block): boolean => used.has(block) || drafts.has(block);
  return {
    mamba: needs("mamba") ? mamba2(fields, hidden) : { kind: "none" },
    attention: needs("attention") ? groupedQueryAttention({ hidden, ...readHeads(fields, hidden) }) : { kind: "none" },
    moe: needs("moe") ? readExpertsOf(fields, hidden) : { kind: "none" },
    mlp: needs("mlp")
      ? denseFeedForward({
          hidden,
          width: fields.integer("intermediate_size"),
          gated: "plain",
          activation,
          bias: fields.flag("mlp_bias", "no") ? "all" : "none",
        })
      : { kind: "none" },
  };
}

/** Sigmoid experts of two matrices; at the latent width when `moe_latent_size` is set. */
function readExpertsOf(fields: Fields, hidden: number): FeedForward {
  const { experts, topK } = readExperts(fields, names.experts);
  const shared = fields.integer("n_shared_experts", 0, { min: 0 });
  return expertFeedForward({
    hidden,
    inner: fields.integer("moe_latent_size", hidden),
    experts,
    topK,
    width: fields.integer("moe_intermediate_size"),
    gated: "plain",
    routing: "sigmoid",
    routerVectors: experts,
    sharedWidth: shared === 0 ? 0 : shared * fields.integer("moe_shared_expert_intermediate_size"),
  });
}

/** Blocks of the draft module; one mixer followed by one feed-forward is all that is known. */
function readDraft(fields: Fields, parts: Parts, hidden: number): LayerKind | null {
  const blocks = readBlocks(fields, ["mtp_hybrid_override_pattern", "mtp_layers_block_type"], "optional");
  if (blocks.length === 0) return null;
  const [mixer, feedForward] = blocks;
  const known =
    blocks.length === 2 &&
    (mixer === "attention" || mixer === "mamba") &&
    (feedForward === "moe" || feedForward === "mlp");
  if (!known) {
    fields.problem(
      "mtp_hybrid_override_pattern",
      "not derivable: only one mixer followed by one feed-forward is known",
    );
    return null;
  }
  return layer(parts[mixer], parts[feedForward], { parameters: 2 * hidden, norms: 2 });
}
