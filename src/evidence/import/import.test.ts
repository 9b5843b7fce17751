import { describe, expect, it } from "vitest";
import type { EvidenceRecord } from "../record.ts";
import { importEvidence, importRows } from "./index.ts";

/** A row of vTrain's table as it was transcribed. */
const vtrainRow = {
  id: "vtrain-3-6b-64gpu-t1-d64-p1-mbs8",
  kind: "training-step",
  source: { title: "vTrain (MICRO 2024) measured validation data", year: 2024, where: "data", url: "https://x" },
  system: { accelerator: "A100-SXM4-80GB", count: 64, per_node: 8 },
  workload: {
    model: "gpt-3.6b",
    layers: 30,
    hidden: 3072,
    heads: 32,
    ffn: 12288,
    seq: 2048,
    global_batch_sequences: 512,
    precision: "fp16",
  },
  plan: { tp: 1, pp: 1, dp: 64, cp: 1, micro_batch: 8, recompute: "full" },
  measured: [{ metric: "step_time", value: 3.5665, unit: "s" }],
  quote: "3.6,64,512,8,3072,32,30,2048,1,64,1,3566.5",
  notes: "",
};

/** A Megatron-Bridge row with the flags that change its scenario. */
function bridgeRow(change: { plan?: object; flags?: object; recipe?: object; where?: string } = {}): object {
  return {
    id: "mbridge-x",
    kind: "training-step",
    source: {
      title: "NVIDIA Megatron-Bridge performance summary",
      year: 2026,
      where: change.where ?? "26.04.01 NeMo container, pretrain, DeepSeekV3, DGX-GB200",
      url: "https://x",
    },
    system: { accelerator: "GB200", count: 256, per_node: 4, scale_out: "not stated" },
    workload: { model: "deepseek-v3", layers: 61, seq: 4096, global_batch_sequences: 4096, precision: "MXFP8" },
    plan: {
      tp: 1,
      pp: 4,
      cp: 1,
      vpp: 4,
      ep: 64,
      dp: 64,
      micro_batch: 1,
      recipe: {
        plan_match: "exact",
        ...change.recipe,
        flags: {
          recompute_modules: ["mla_up_proj"],
          cuda_graph_impl: "transformer_engine",
          cuda_graph_scope: ["attn"],
          overlap_grad_reduce: true,
          moe_dispatcher: "flex/hybridep",
          pipeline_layout: "Et*4|(t*4|)*14tmL",
          distributed_optimizer: true,
          low_precision_recipe: "mxfp8",
          fp8_param_gather: true,
          mtp_num_layers: 1,
          ...change.flags,
        },
      },
      ...change.plan,
    },
    measured: [
      { metric: "tokens_per_s_per_gpu", value: 4000, unit: "tokens/s" },
      { metric: "step_time_derived", value: 16.4, unit: "s" },
    ],
    quote: "q".repeat(300),
    notes: "",
  };
}

function only(row: object): EvidenceRecord {
  const { records, skipped } = importRows([row]);
  expect(skipped).toEqual([]);
  return records[0] as EvidenceRecord;
}

describe("importRows", () => {
  it("turns a row into a scenario with one primary metric", () => {
    const record = only(vtrainRow);
    expect(record.use).toBe("judge");
    expect(record.measured).toEqual([{ metric: "stepTime", value: "3.5665 s", primary: true }]);
    expect(record.layout).toMatchObject({ tensor: 1, data: 64, microBatch: 8, recompute: "full" });
    expect(record.assumptions.map(({ path }) => path)).toContain("workload.model.vocab_size");
  });

  it("reads layout, recompute, graphs and bytes from the flags of a recipe", () => {
    const record = only(bridgeRow());
    expect(record.use).toBe("fit");
    expect(record.workload).toMatchObject({ precision: "mxfp8", multiTokenPrediction: 1 });
    expect(record.layout).toMatchObject({ expert: 64, schedule: "interleaved", recompute: ["latent-up-projection"] });
    expect(record.layout?.stageLayers).toEqual([...Array<number>(15).fill(4), 1]);
    expect(record.software).toMatchObject({
      extends: "megatron-bridge@26.04",
      cudaGraphs: "partial",
      dispatcher: "hybridep",
      bytes: { parameterGather: "1 B", gradient: "2 B" },
    });
    expect(record.quote).toHaveLength(200);
  });

  it("sets derived values aside and says why", () => {
    const record = only(bridgeRow());
    expect(record.measured.map(({ metric }) => metric)).toEqual(["tokensPerSecondPerAccelerator"]);
    expect(record.unconverted.map(({ metric }) => metric)).toEqual(["step_time_derived"]);
  });

  it("never lets a row with a merely likely recipe calibrate", () => {
    const record = only(bridgeRow({ recipe: { plan_match: "closest" } }));
    expect(record.use).toBe("judge");
    expect(record.inferred).not.toEqual([]);
  });

  it("refuses a layout that cannot be", () => {
    const { records, skipped } = importRows([bridgeRow({ plan: { pp: 8, vpp: 2, dp: 32 } })]);
    expect(records).toEqual([]);
    expect(skipped[0]?.reason).toContain("expert degree 64 on the 32 ranks");
  });

  it("loses no row: each is a record or listed with a reason", () => {
    const rows = [
      vtrainRow,
      vtrainRow,
      { id: "a", kind: "kernel", measured: [{ metric: "time", value: 1, unit: "s" }] },
      { id: "b", kind: "no-such-kind", measured: [{ metric: "time", value: 1, unit: "s" }] },
      { id: "c", kind: "training-step", measured: [] },
      { id: "d", kind: "training-step", source: { title: "nobody" }, measured: [{ metric: "step_time", value: 1 }] },
      42,
    ];
    const { records, skipped } = importRows(rows);
    expect(records.length + skipped.length).toBe(rows.length);
    expect(Object.fromEntries(skipped.map(({ id, reason }) => [id, reason]))).toMatchObject({
      a: "kind kernel is not modelled yet",
      b: "kind no-such-kind is unknown",
      c: "nothing measured",
      d: 'no reader for the source "nobody"',
      "row 6": "not an object",
    });
  });
});

describe("importEvidence", () => {
  it("lists every row of the serving table", () => {
    const { records, skipped } = importEvidence('id,model,note\nrun-1,m,"a, b"\nrun-2,m,"say ""x"""\n');
    expect(records).toEqual([]);
    expect(skipped.map(({ id }) => id)).toEqual(["run-1", "run-2"]);
  });

  it("throws on text that is neither rows nor a table", () => {
    expect(() => importEvidence('{"a": 1}')).toThrow("JSON array");
    expect(() => importEvidence("hello")).toThrow("no column");
  });
});
