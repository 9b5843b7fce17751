/**
 * Words of Megatron-Core for the keys of a scenario: arguments of its training scripts, and the fields of the
 * configurations of Megatron-Bridge and NeMo, which are the same words below a section. One key, one row.
 * @source megatron-arguments @source megatron-bridge-guide @source nemo-configs
 */

import { megatronDispatchers, megatronExchanges } from "../../training/index.ts";
import { countRow, type Defaults, flagRow, type Row, refusalRow, wordRow } from "../rows.ts";

/** An argument, and the sections in which configurations have it. */
export function named(argument: string, ...sections: readonly string[]): readonly string[] {
  return [argument, ...sections.map((section) => `${section}.${argument.replaceAll("-", "_")}`)];
}

/** Degrees, batch and length. */
export const degreeRows: readonly Row[] = [
  countRow("layout.tensor", [...named("tensor-model-parallel-size", "model"), "model-parallel-size"]),
  countRow("layout.pipeline", named("pipeline-model-parallel-size", "model")),
  countRow("layout.context", named("context-parallel-size", "model")),
  countRow("layout.expert", named("expert-model-parallel-size", "model")),
  countRow("layout.expertTensor", named("expert-tensor-parallel-size", "model")),
  countRow("layout.microBatch", named("micro-batch-size", "train", "model", "data")),
  countRow("workload.globalBatch", named("global-batch-size", "train", "model", "data")),
  countRow("workload.sequenceLength", [
    ...named("seq-length", "model", "dataset", "data", "model.data"),
    "encoder-seq-length",
    "model.encoder_seq_length",
    "dataset.sequence_length",
  ]),
  flagRow("layout.sequenceParallel", named("sequence-parallel", "model")),
];

/** What runs under what, and how ranks exchange. */
export const stackRows: readonly Row[] = [
  flagRow("software.overlap.tensor", [
    ...named("tp-comm-overlap", "comm_overlap", "model"),
    "model.ub_tp_comm_overlap",
  ]),
  refusalRow("software.overlap.tensorGradient", ["no-async-tensor-model-parallel-allreduce"]),
  flagRow("software.overlap.gradientReduce", [
    ...named("overlap-grad-reduce", "ddp", "comm_overlap"),
    "model.optim.overlap_grad_sync",
    "optim.overlap_grad_sync",
  ]),
  flagRow("software.overlap.parameterGather", [
    ...named("overlap-param-gather", "ddp", "comm_overlap"),
    "model.optim.overlap_param_sync",
    "optim.overlap_param_sync",
  ]),
  refusalRow("software.overlap.pipeline", ["no-overlap-p2p-communication"]),
  flagRow("software.overlap.pipeline", ["model.overlap_p2p_comm", "comm_overlap.overlap_p2p_comm"]),
  flagRow("software.overlap.expert", named("overlap-moe-expert-parallel-comm", "comm_overlap", "model")),
  wordRow("software.contextExchange", named("cp-comm-type", "model"), megatronExchanges),
  wordRow("software.kernels.attention", named("attention-backend", "model"), {
    fused: "cudnn",
    flash: "flash",
    unfused: "unfused",
    local: "unfused",
  }),
];

const dispatcherWords: Readonly<Record<string, string>> = megatronDispatchers;

/** Argument values of a dispatcher: its type, and the back end of a flexible one. */
export function dispatcherArguments(dispatcher: string): readonly [type: string, backend?: string] {
  const word = Object.keys(dispatcherWords).find((each) => dispatcherWords[each] === dispatcher) ?? "alltoall";
  const [type = word, backend] = word.split("/");
  return backend === undefined ? [type] : [type, backend];
}

/** What Megatron-LM's training scripts do where an argument is absent, and NeMo 1.0 where a field is. */
export const megatronDefaults: Defaults = {
  "layout.tensor": 1,
  "layout.pipeline": 1,
  "layout.context": 1,
  "layout.expert": 1,
  "layout.sequenceParallel": "off",
  "software.overlap.tensor": "off",
  "software.overlap.gradientReduce": "off",
  "software.overlap.parameterGather": "off",
  "software.overlap.expert": "off",
};

/** Megatron-Bridge: recipes set degrees in code, so that a file which leaves them out does not say them. */
export const bridgeDefaults: Defaults = { "layout.context": 1, "layout.expert": 1 };
