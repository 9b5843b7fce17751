/** A design as a Megatron-LM launch script: torchrun with the arguments of pretrain_gpt.py. */

import { type MegatronSetting, megatronSettings } from "./settings.ts";
import { everywhere, heading, type Target } from "./target.ts";

export const megatronTarget: Target = {
  name: "megatron",
  summary: "Megatron-LM: a script that runs pretrain_gpt.py with torchrun",
  stacks: ["megatron", "megatron-core", "megatron-bridge", "nemo", "mlperf-nemo"],
  format: "megatron",
  reasons: [
    { path: /^workload\.model/, reason: "Megatron's arguments cannot say these layers" },
    { path: /^workload\.tuning/, reason: "pretrain_gpt.py trains every weight" },
    { path: /^workload\.objective/, reason: "pretrain_gpt.py trains on the next token; the batch counts sequences" },
    { path: /^workload\.lengths/, reason: "what the data are: rows of seq-length here" },
    { path: /^workload\.routing/, reason: "what the router gives, not an argument" },
    ...everywhere,
    { path: /^workload\.precision/, reason: "no argument for this format" },
    { path: /^layout\.(sharding|shardGroup)/, reason: "one copy of sharded weights is full sharding" },
    { path: /^layout\.reshardAfterForward/, reason: "Megatron-FSDP shards weights again after the forward pass" },
    { path: /^layout\.weightOffload/, reason: "Megatron-LM moves optimizer state and activations only" },
    { path: /^layout\.contextBalance/, reason: "Transformer Engine cuts sequences in a zig-zag" },
    {
      path: /^layout\.(schedule|virtualStages|stageLayers)/,
      reason: "Megatron-LM runs 1F1B, interleaved with several chunks",
    },
    { path: /^layout\.recompute/, reason: "no word for these modules" },
    { path: /^software\.kernels/, reason: "no argument: the implementation decides" },
    { path: /^software\.overlap\.tensor$/, reason: "userbuffers overlap in chunks: --tp-comm-overlap" },
    { path: /^software\.(host|optimizer|state)/, reason: "no argument: part of the stack" },
    { path: /^software\.expertImbalance/, reason: "what the routing gives, not an argument" },
    { path: /./, reason: "no argument of pretrain_gpt.py says it" },
  ],
  write(design) {
    const { cluster } = design.training.case;
    const { model, parallel, training, stack } = megatronSettings(design);
    const launcher: readonly MegatronSetting[] = [
      { argument: "nproc_per_node", value: cluster.node.acceleratorsPerNode },
      { argument: "nnodes", value: cluster.nodes },
    ];
    const lists: readonly (readonly [string, readonly MegatronSetting[]])[] = [
      ["DISTRIBUTED_ARGS", launcher],
      ["MODEL_ARGS", [{ argument: "use-mcore-models", value: true }, ...(model ?? [])]],
      ["MODEL_PARALLEL_ARGS", parallel],
      ["TRAINING_ARGS", training],
      ["STACK_ARGS", stack],
    ];
    const blocks = lists.map(([name, settings]) => block(name, settings));
    const names = lists.slice(1).map(([name]) => `"\${${name}[@]}"`);
    const command = `torchrun "\${DISTRIBUTED_ARGS[@]}" pretrain_gpt.py \\\n  ${names.join(" \\\n  ")}`;
    const head = heading(design, "--master_addr and --node_rank, data, tokenizer, learning rate, checkpoints");
    return {
      text: `${["#!/bin/bash", ...head, "", blocks.join("\n\n"), "", command].join("\n")}\n`,
      model: model === undefined ? "not stated" : "stated",
    };
  },
};

function block(name: string, settings: readonly MegatronSetting[]): string {
  const lines = settings.flatMap(({ argument, value }) => {
    if (argument === undefined || value === false) return [];
    if (value === true) return [`  --${argument}`];
    return [`  --${argument} ${Array.isArray(value) ? value.join(" ") : quoted(String(value))}`];
  });
  return `${name}=(\n${lines.join("\n")}\n)`;
}

/** What a shell would read otherwise stands in quotes. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `"${text}"`;
}
