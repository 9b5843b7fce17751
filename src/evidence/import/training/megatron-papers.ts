/** Korthikanti 2022, MT-NLG, the Megatron-LM README (r0.8.0) and its Llama examples, Nemotron-4, Llama 3, DeepSeek-V3. */

import { accountedStages } from "../../../training/index.ts";
import type { Section } from "../../record.ts";
import { assume, type SourceReader } from "../converter.ts";
import { countOf, type RawRow } from "../raw.ts";
import { type Machine, machineOf } from "./clusters.ts";
import { catalogModel, gptConfig } from "./models.ts";

const noMachine = { skip: "accelerator is not in the catalog" } as const;

function training(row: RawRow, model: unknown, precision: string): Section {
  return {
    kind: "training",
    model,
    sequenceLength: countOf(row.workload, "seq"),
    globalBatch: countOf(row.workload, "global_batch_sequences"),
    precision,
  };
}

/** Degrees that the plan states, micro-batch 1 where it is silent. */
function degrees(row: RawRow): Section {
  return {
    tensor: countOf(row.plan, "tp") ?? 1,
    context: countOf(row.plan, "cp") ?? 1,
    pipeline: countOf(row.plan, "pp") ?? 1,
    data: countOf(row.plan, "dp"),
    microBatch: countOf(row.plan, "micro_batch") ?? 1,
  };
}

/** Korthikanti et al. 2022, Table 5: unfused attention, dropout, data parallel 1. */
export const korthikanti: SourceReader = {
  name: "Korthikanti 2022 Table 5",
  matches: (row) => row.id.startsWith("korthikanti-t5"),
  draft: (row) => {
    const machine = machineOf(row);
    if (machine === undefined) return noMachine;
    const virtualStages = countOf(row.plan, "vpp") ?? 1;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: training(row, gptConfig(row), "fp16"),
      layout: {
        ...degrees(row),
        sequenceParallel: row.plan.sequence_parallel === true ? "on" : "off",
        virtualStages,
        schedule: virtualStages > 1 ? "interleaved" : "1f1b",
        recompute: row.plan.recompute === "full" ? "full" : "selective",
        sharding: "none",
      },
      software: "megatron@2022",
      flopConvention: "korthikanti-model",
      assumptions: machine.assumptions,
    };
  },
};

/** Megatron-Turing NLG 530B on Selene. */
export const mtNlg: SourceReader = {
  name: "Megatron-Turing NLG 530B",
  matches: (row) => row.id.startsWith("mt-nlg"),
  draft: (row) => {
    const machine = machineOf(row);
    if (machine === undefined) return noMachine;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: training(row, gptConfig(row), "bf16"),
      layout: { ...degrees(row), sequenceParallel: "off", schedule: "1f1b", recompute: "full", sharding: "optimizer" },
      software: "megatron-deepspeed@2022",
      assumptions: [
        ...machine.assumptions,
        assume("layout.schedule", "1f1b", "not stated; Megatron-DeepSpeed's pipeline"),
        assume("layout.sequenceParallel", "off", "not stated; the run predates sequence parallelism"),
      ],
    };
  },
};

/** Weak scaling of GPT models on 48 to 6,144 H100: micro-batch, interleaving and recompute are not published. */
export const megatronReadme: SourceReader = {
  name: "Megatron-LM README weak scaling",
  matches: (row) => row.id.startsWith("megatron-readme"),
  draft: (row) => {
    const machine = machineOf(row);
    if (machine === undefined) return noMachine;
    const pipeline = countOf(row.plan, "pp") ?? 1;
    const virtualStages = pipeline === 1 ? 1 : (countOf(row.workload, "layers") ?? pipeline) / pipeline;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: training(row, gptConfig(row, { tied: false }), "bf16"),
      layout: {
        ...degrees(row),
        virtualStages,
        schedule: virtualStages > 1 ? "interleaved" : "1f1b",
        recompute: "none",
        sharding: "optimizer",
      },
      software: {
        extends: "megatron-core@0.8",
        overlap: { tensor: "on", gradientReduce: "on", parameterGather: "on" },
      },
      flopConvention: "korthikanti-model",
      inferred: ["layout.microBatch", "layout.virtualStages", "layout.recompute"],
      assumptions: [
        ...machine.assumptions,
        assume("layout.microBatch", 1, "not stated"),
        assume("layout.virtualStages", virtualStages, "not stated; one layer per chunk, the deepest interleaving"),
        assume("layout.recompute", "none", "not stated"),
        assume("workload.model.tie_word_embeddings", "false", "the published sizes count embedding and head apart"),
        assume("flopConvention", "korthikanti-model", "Megatron-LM of mid 2024 counts attention in full, no recompute"),
      ],
    };
  },
};

/** examples/llama of Megatron-LM: FP8 with hybrid format, all degrees stated. */
export const megatronLlama: SourceReader = {
  name: "Megatron-LM examples/llama",
  matches: (row) => row.id.startsWith("megatron-examples-llama"),
  draft: (row) => {
    const machine = machineOf(row);
    if (machine === undefined) return noMachine;
    const pipeline = countOf(row.plan, "pp") ?? 1;
    const virtualStages = countOf(row.plan, "vpp") ?? 1;
    const layers = countOf(row.workload, "layers") ?? 0;
    const stages = pipeline * virtualStages;
    const split = stages > 1 && layers % stages !== 0 ? accountedStages(layers, stages) : undefined;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: training(row, catalogModel(row), "fp8-delayed"),
      layout: {
        ...degrees(row),
        virtualStages,
        schedule: virtualStages > 1 ? "interleaved" : "1f1b",
        recompute: "none",
        sharding: "optimizer",
        ...(split === undefined ? {} : { stageLayers: split }),
      },
      software: "megatron-core@2024.07",
      assumptions: [
        ...machine.assumptions,
        assume(
          "workload.precision",
          "fp8-delayed",
          'the table says "fp8 (hybrid)"; delayed scaling is its default recipe',
        ),
        assume("layout.recompute", "none", "no flag in the table: the framework's default"),
        assume("layout.sharding", "optimizer", "the example script sets the distributed optimizer"),
        ...(split === undefined
          ? []
          : [assume("layout.stageLayers", "first and last one fewer", "126 layers + 2 = 128")]),
      ],
    };
  },
};

/** Nemotron-4 340B on 6,144 H100. */
export const nemotron4: SourceReader = {
  name: "Nemotron-4 340B",
  matches: (row) => row.id.startsWith("nemotron4-340b"),
  draft: (row) => {
    const machine = machineOf(row);
    if (machine === undefined) return noMachine;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: training(row, "nvidia/Nemotron-4-340B", "bf16"),
      layout: { ...degrees(row), virtualStages: 8, schedule: "interleaved", recompute: "none", sharding: "optimizer" },
      software: "nemo@2024",
      inferred: ["layout.virtualStages", "layout.microBatch", "layout.recompute"],
      assumptions: [
        ...machine.assumptions,
        assume("layout.virtualStages", 8, "from memory of the report: one layer per chunk"),
        assume("layout.microBatch", 1, "not stated"),
        assume("layout.recompute", "none", "not stated"),
      ],
    };
  },
};

/** Llama 3 405B, Table 4: the schedule is "interleaved" with a depth that the paper does not give. */
export const llama3: SourceReader = {
  name: "The Llama 3 Herd of Models, Table 4",
  matches: (row) => row.id.startsWith("llama3-405b-table4"),
  draft: (row) => {
    const count = countOf(row.system, "count");
    if (count === undefined) return noMachine;
    const virtualStages = 8;
    return {
      use: "judge",
      cluster: { node: "grand-teton-h100", nodes: count / 8, fabric: "llama3-roce" },
      workload: training(row, catalogModel(row), "bf16"),
      layout: {
        ...degrees(row),
        virtualStages,
        schedule: "interleaved",
        recompute: "none",
        sharding: "gradients",
        stageLayers: accountedStages(126, 16 * virtualStages),
      },
      software: "megatron-core@2024.07",
      flopConvention: "megatron-core-2024",
      inferred: ["layout.virtualStages", "layout.recompute"],
      assumptions: [
        assume(
          "layout.virtualStages",
          virtualStages,
          "not stated; one layer per chunk, first and last stage one fewer",
        ),
        assume("layout.recompute", "none", "not stated for this stage; the paper says it avoids recomputation"),
        assume("software", "megatron-core@2024.07", "Meta's own stack; the nearest profile of its year"),
        assume("flopConvention", "megatron-core-2024", "not stated; attention counted causally"),
      ],
    };
  },
};

/** DeepSeek-V3's own pre-training, with DualPipe. */
export const deepseekOwn: SourceReader = {
  name: "DeepSeek-V3 technical report",
  matches: (row) => row.id === "deepseek-v3-pretraining",
  draft: (row) => {
    const machine: Machine | undefined = machineOf(row);
    const count = countOf(row.system, "count");
    if (machine === undefined || count === undefined) return noMachine;
    const pipeline = countOf(row.plan, "pp") ?? 1;
    return {
      use: "judge",
      cluster: machine.cluster,
      workload: { ...training(row, "deepseek-ai/DeepSeek-V3", "fp8-block"), multiTokenPrediction: 1 },
      layout: {
        tensor: 1,
        context: 1,
        pipeline,
        schedule: "dualpipe",
        data: count / pipeline,
        expert: countOf(row.plan, "ep"),
        expertTensor: 1,
        microBatch: 1,
        recompute: ["layer-norm", "latent-up-projection", "expert-activation"],
        sharding: "optimizer",
        stageLayers: Array.from({ length: pipeline }, (_, stage) => (stage === 0 || stage >= pipeline - 2 ? 3 : 4)),
      },
      software: "deepseek-hai@2024",
      inferred: ["layout.stageLayers", "layout.microBatch"],
      assumptions: [
        ...machine.assumptions,
        assume(
          "layout.stageLayers",
          "61 layers over 16 stages",
          "not stated; first and last two stages one layer fewer",
        ),
        assume("layout.microBatch", 1, "not stated"),
        assume("layout.recompute", "expert-activation too", "the report recomputes the SwiGLU output as well"),
        assume("software.kernels.expertWeights", "activation", "not stated; of the two ways only this one fits"),
        assume("workload.globalBatch", 15_360, "after the ramp; the GPU-hours include the ramp"),
      ],
    };
  },
};

export const megatronPapers: readonly SourceReader[] = [
  korthikanti,
  mtNlg,
  megatronReadme,
  megatronLlama,
  nemotron4,
  llama3,
  deepseekOwn,
];
