import { describe, expect, it } from "vitest";
import { Batch } from "../../serving/step/batch.ts";
import { resolve, scenarioFromValue } from "../index.ts";
import { replicaSpec } from "./replica.ts";

interface Case {
  readonly node?: string;
  readonly engine: object;
  readonly expert?: number;
  readonly model?: string;
}

/** Time of a decode iteration of DeepSeek-R1 on eight accelerators. */
function iteration({ node = "hgx-b200", engine, expert, model = "deepseek-ai/DeepSeek-R1" }: Case, sequences: number) {
  const design = resolve(
    scenarioFromValue({
      windtunnel: 1,
      name: "shared experts",
      cluster: { node, nodes: 1 },
      workload: { kind: "serving", model, requests: { users: 1, count: 1, input: 1000, output: 10 } },
      serving: { engine, tensor: 8, replicas: 1, ...(expert === undefined ? {} : { expert }) },
    }),
  );
  if (design.kind !== "serving") throw new Error("not serving");
  const [pool] = design.serving.pools;
  if (pool === undefined) throw new Error("no pool");
  const batch = new Batch();
  for (let each = 0; each < sequences; each++) batch.addDecode(1, 1000);
  batch.sampled = sequences;
  return replicaSpec(pool, design.serving).step.time([batch]);
}

const vllm = (version: string): Case => ({ engine: { name: "vllm", version, expertKernels: "trtllm-gen" } });

describe("shared experts beside the routed ones", () => {
  it("save about what vLLM measured when it put them on a stream of their own: 1.26 ms of 23.35", () => {
    const saved = iteration(vllm("0.11.0"), 32) - iteration(vllm("0.12.0"), 32);
    expect(saved).toBeGreaterThan(1e-3);
    expect(saved).toBeLessThan(1.6e-3);
  });

  it("save nothing beyond 256 tokens, and nothing where there are none", () => {
    expect(iteration(vllm("0.12.0"), 320)).toBe(iteration(vllm("0.11.0"), 320));
    const dense = (version: string): Case => ({
      ...vllm(version),
      model: "Qwen/Qwen3-235B-A22B",
      engine: { name: "vllm", version },
    });
    expect(iteration(dense("0.12.0"), 8)).toBe(iteration(dense("0.11.0"), 8));
  });
});

describe("the shared expert as one of the routed ones", () => {
  const sglang = { node: "hgx-h200", engine: { name: "sglang", version: "0.5.9" } };

  it("costs less than one beside them on few sequences, and about an expert's rows on many", () => {
    const apart = { node: "hgx-h200", engine: { name: "vllm", version: "0.11.0" } };
    expect(iteration(sglang, 4)).toBeLessThan(iteration(apart, 4));
  });

  it("is not done where experts are spread", () => {
    const [spread, cut] = [iteration({ ...sglang, expert: 8 }, 4), iteration(sglang, 4)];
    expect(spread).not.toBe(cut);
  });
});
