/**
 * MosaicML MPT benchmarks (llm-foundry on Composer, PyTorch FSDP). The published parameter counts are those of a
 * GPT-2-style model with biases, learned positions and a tied head: 12 L h^2 + 13 L h + 2 h + (V + s) h, exactly.
 *
 * `fsdp_mixed_precision` DEFAULT changed meaning twice: fp32 gathers with a low-precision reduction until Composer
 * 0.13 (March 2023), low precision for both until October 2023, then low-precision gathers with an fp32 reduction.
 * The loss is the fused, in-place one unless `loss_fn: torch_crossentropy` is set.
 * @source llm-foundry-465
 * @source composer-2047
 * @source composer-2628
 * @source llm-foundry-543
 */

import type { Assumption, Section } from "../../record.ts";
import { assume, type Drafted, type SourceReader } from "../converter.ts";
import { countOf, type RawRow, textOf } from "../raw.ts";
import { gptConfig } from "./models.ts";

export const mpt: SourceReader = {
  name: "MosaicML MPT benchmarks",
  matches: (row) => row.source.title.includes("MPT training benchmarks"),
  draft,
};

const fusedLoss = assume(
  "software.kernels.crossEntropy",
  "fused",
  "loss_fn is not in the table; MPT's default is fused_crossentropy",
);

/** The release is not in the table: autocast precisions came with the 2023 rewrite that checkpoints without re-entry. */
const release = assume(
  "software",
  "llm-foundry@0.5 for amp_*, llm-foundry@0.1 for pure bf16",
  "release not stated; amp_bf16 and amp_fp8 rows are of the later tables (torch 2), bf16 rows of the first (torch 1.13)",
);

/** The A100 sections state 1,600 Gbit/s of RoCE per node; the H100 sections state nothing. */
const nodes = [
  { pattern: /A100.*40GB/, node: "a100-40gb-8x200-roce" },
  { pattern: /A100/, node: "a100-8x200-roce" },
  { pattern: /H100/, node: "hgx-h100" },
] as const;

function networkAssumption(row: RawRow, count: number): readonly Assumption[] {
  if (count === 8 || textOf(row.system.scale_out) !== "not stated") return [];
  return [assume("cluster.node", "hgx-h100", "network between nodes not stated; 8 x 400 Gbit/s")];
}

function draft(row: RawRow): Drafted {
  const name = textOf(row.system.accelerator);
  const node = nodes.find((entry) => entry.pattern.test(name))?.node;
  const count = countOf(row.system, "count");
  if (node === undefined || count === undefined || count % 8 !== 0) return { skip: `no node for ${name}` };
  const ampere = name.includes("A100");
  const types = mixedPrecision(row, ampere);
  const wide = textOf(row.plan.sharding).includes("FULL_SHARD");
  return {
    use: ampere ? "fit" : "judge",
    cluster: { node, nodes: count / 8 },
    workload: {
      kind: "training",
      model: gptConfig(row),
      sequenceLength: countOf(row.workload, "seq"),
      globalBatch: countOf(row.workload, "global_batch_sequences"),
      precision: row.workload.precision === "amp_fp8" ? "fp8-delayed" : "bf16",
    },
    layout: {
      tensor: 1,
      context: 1,
      pipeline: 1,
      data: countOf(row.plan, "dp"),
      microBatch: countOf(row.plan, "micro_batch"),
      recompute: row.plan.recompute === "full" ? "full" : "none",
      sharding: wide ? "full" : "gradients",
    },
    software: {
      extends: /^amp/.test(textOf(row.workload.precision)) ? "llm-foundry@0.5" : "llm-foundry@0.1",
      kernels: { crossEntropy: "fused" },
      bytes: types.bytes,
    },
    flopConvention: "mosaic",
    assumptions: [
      ...networkAssumption(row, count),
      ...types.assumptions,
      release,
      fusedLoss,
      ...precisionAssumption(row),
    ],
  };
}

interface Types {
  readonly bytes: Section;
  readonly assumptions: readonly Assumption[];
}

/** What a parameter is gathered in and a gradient reduced in. */
function mixedPrecision(row: RawRow, ampere: boolean): Types {
  const low = { parameterGather: "2 B", gradientReduce: "2 B" };
  if (row.plan.fsdp_mixed_precision === "PURE") return { bytes: low, assumptions: [] };
  const path = "software.bytes";
  if (row.source.where.includes("Large Scale")) {
    const reason =
      "DEFAULT of Composer 0.17 (after October 2023): bf16 gathers, fp32 reduction; the table was added last";
    return {
      bytes: { parameterGather: "2 B", gradientReduce: "4 B" },
      assumptions: [assume(path, "gather 2 B, reduce 4 B", reason)],
    };
  }
  const era = ampere
    ? "run with PyTorch 2.0.1 in mid 2023 (sweep.sh)"
    : "run in August to October 2023 (pull request 543)";
  const reason = `DEFAULT of Composer 0.14 to 0.16: bf16 gathers and bf16 reduction; ${era}`;
  return { bytes: low, assumptions: [assume(path, "gather 2 B, reduce 2 B", reason)] };
}

function precisionAssumption(row: RawRow): readonly Assumption[] {
  if (row.workload.precision !== "amp_fp8") return [];
  return [assume("workload.precision", "fp8-delayed", "amp_fp8 of Composer is Transformer Engine's delayed scaling")];
}
