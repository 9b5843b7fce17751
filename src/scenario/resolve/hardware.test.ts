import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { type Prediction, predict, scenarioFromValue } from "../index.ts";

type Section = Record<string, unknown>;

function predicted(cluster: Section): Prediction {
  const workload = { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 64 };
  return predict(scenarioFromValue({ windtunnel: 1, name: "t", cluster, workload, layout: { sharding: "full" } }));
}

function problems(cluster: Section): string[] {
  try {
    predicted(cluster);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message, hint }) => `${path}: ${message}; ${hint ?? ""}`);
  }
}

const hypothetical = {
  accelerator: {
    extends: "b200-sxm",
    name: "x1",
    peak: { bf16: "4 PFLOP/s" },
    memory: { capacity: "384 GB", bandwidth: "20 TB/s" },
  },
  acceleratorsPerNode: 4,
  scaleUp: { topology: "switch", bandwidth: "1.8 TB/s" },
};

describe("inline nodes", () => {
  it("need ports and a fabric only where scale-up domains are to be joined", () => {
    expect(problems({ node: hypothetical, nodes: 1 })).toEqual([]);
    expect(problems({ node: hypothetical, nodes: 2 })).toEqual([
      "cluster.node: custom has no network ports, which 2 scale-up domains need; give the node nics: { count, bandwidth }, or use one node",
    ]);
    expect(problems({ node: { ...hypothetical, nics: { count: 4 } }, nodes: 2 })).toEqual([
      expect.stringContaining("network ports without a bandwidth"),
    ]);
    expect(problems({ node: { ...hypothetical, scaleUp: { ...hypothetical.scaleUp, domain: 8 } }, nodes: 2 })).toEqual(
      [],
    );
    expect(problems({ node: "hgx-h100", nodes: 2, fabric: "none" })).toEqual([
      "cluster.fabric: no fabric joins the 2 scale-up domains; name one: windtunnel catalog fabric",
    ]);
    expect(problems({ node: "hgx-h100", nodes: 1, fabric: "none" })).toEqual([]);
  });

  it("are one scale-up domain unless they say otherwise", () => {
    const { assumptions } = predicted({ node: { extends: "hgx-h100", acceleratorsPerNode: 16 }, nodes: 1 });
    expect(assumptions).toContainEqual(expect.objectContaining({ path: "cluster.node.scaleUp.domain", value: "16" }));
    expect(problems({ node: { extends: "hgx-h100", scaleUp: { domain: 12 } }, nodes: 3 })).toEqual([
      "cluster.node.scaleUp.domain: 12 accelerators are neither whole nodes of 8 nor a whole part of one; e.g. domain: 8",
    ]);
    expect(problems({ node: { extends: "hgx-h100", scaleUp: { domain: 4 } }, nodes: 1 })).toEqual([]);
  });

  it("say what they lack", () => {
    expect(problems({ node: { acceleratorsPerNode: 8 }, nodes: 1 })).toEqual([
      "cluster.node.accelerator: missing; expected an accelerator; a catalog name, or extends: a node",
    ]);
    expect(problems({ node: { accelerator: "h100-sxm", acceleratorsPerNode: 8 }, nodes: 1 })).toEqual([
      "cluster.node.scaleUp.topology: missing; an inline object without extends needs it; add it, or write extends: NAME",
    ]);
  });
});
