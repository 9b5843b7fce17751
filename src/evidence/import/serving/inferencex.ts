/** InferenceX, token-position runs: closed loops on nightly builds of vLLM, with medians. */

import { assume } from "../converter.ts";
import { countOf, type RawRow, textOf } from "../raw.ts";
import { closedLoop } from "./closed-loop.ts";
import { randomAcceptance } from "./drafting.ts";
import { servedEngine } from "./engine.ts";
import { clusterOf, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf, withPrimaries } from "./readings.ts";

export const inferenceX: ServingReader = {
  name: "InferenceX",
  matches: ({ id }) => id.startsWith("inferencex-"),
  read(row) {
    const { system, workload, plan } = row;
    const [concurrency, input, output] = ["concurrency", "input_tokens", "output_tokens"].map((key) =>
      countOf(workload, key),
    );
    if (concurrency === undefined || input === undefined || output === undefined) return { skip: "load not stated" };
    const known = machineNamed(textOf(system.accelerator));
    const machine = known ?? { node: "hgx-h200", perNode: 8 };
    const served = servedModel(textOf(workload.hf_model), textOf(workload.precision));
    if ("skip" in served) return served;
    const engine = servedEngine("vllm", "nightly", "2026-02");
    if ("skip" in engine) return engine;
    const drafted = speculation(row);
    const data = countOf(plan, "dp") ?? 1;
    const tensor = countOf(plan, "tp") ?? 1;
    const expert = countOf(plan, "ep") ?? 1;
    const draft = {
      use: "judge" as const,
      cluster: clusterOf(machine, tensor * data),
      workload: {
        kind: "serving",
        model: served.model,
        requests: closedLoop({ concurrency, input, output, least: 1 }),
      },
      serving: {
        engine: { name: "vllm", version: engine.version, prefixCaching: "off", ...drafted.engine },
        replicas: 1,
        tensor,
        ...(expert > 1 ? { expert } : {}),
        ...(data > 1 ? { attentionData: data } : {}),
      },
      inferred: [...engine.inferred, ...(known === undefined ? ["cluster.node"] : []), ...drafted.inferred],
      assumptions: [
        ...served.assumptions,
        ...engine.assumptions,
        ...(known === undefined
          ? [assume("cluster.node", machine.node, "not stated; weights of this size need it")]
          : []),
        ...drafted.assumptions,
      ],
    };
    const { entries, unconverted } = readingsOf(row);
    return { draft, readings: { measured: withPrimaries(entries), unconverted } };
  },
};

function speculation({ plan, workload }: RawRow) {
  const drafted = Number(/MTP, (\d+) token/.exec(textOf(plan.speculative))?.[1] ?? 0);
  if (drafted === 0) return { engine: {}, inferred: [], assumptions: [] };
  const path = "serving.engine.speculation.acceptance";
  const acceptance = randomAcceptance(textOf(workload.hf_model), drafted);
  return {
    engine: { speculation: { method: "mtp", drafted, acceptance } },
    inferred: [path],
    assumptions: [assume(path, acceptance.join(", "), "not stated; as measured on random prompts with DeepSeek-V4")],
  };
}
