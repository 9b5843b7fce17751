import { describe, expect, it } from "vitest";
import { memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import { readDesign } from "./scenario-input.ts";

const whole = `windtunnel: 1
name: 8B
cluster:
  node: hgx-h100
  nodes: 2
workload:
  kind: training
  model: llama-3.1-8b
  sequenceLength: 8192
  globalBatch: 64
layout: { tensor: 2, pipeline: 2 }
software: megatron-core@2024.07
`;

/** Paths of the problems of a scenario, in the order in which they are said. */
async function problemPaths(text: string): Promise<readonly string[]> {
  const error = await readDesign("s.yaml", memoryHost({ "s.yaml": text })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  if (!(error instanceof ProblemError)) throw error;
  return error.problems.map(({ path }) => path);
}

const without = (text: string, ...keys: readonly string[]): string =>
  text
    .split("\n")
    .filter((line) => !keys.includes(line.trim().split(":")[0] ?? ""))
    .join("\n");

describe("a scenario that lacks required keys", () => {
  const odd = whole.replace("tensor: 2", "tensor: 3");

  it("is otherwise fine", async () => {
    expect(await problemPaths(whole)).toEqual([]);
    const keys = ["name", "nodes", "sequenceLength", "globalBatch"] as const;
    for (const key of keys) expect(await problemPaths(without(whole, key))).toHaveLength(1);
    expect(await problemPaths(without(whole, ...keys))).toEqual([
      "name",
      "cluster.nodes",
      "workload.globalBatch",
      "workload.sequenceLength",
    ]);
  });

  it("says what else is wrong with its layout", async () => {
    const found = await problemPaths(without(odd, "globalBatch"));
    expect(found[0]).toBe("workload.globalBatch");
    expect(found).toContain("layout");
    expect(found).toContain("layout.tensor");
  });

  it("says nothing that only a stand-in makes wrong", async () => {
    expect(await problemPaths(without(odd, "nodes"))).not.toContain("layout");
    expect(await problemPaths(without(odd, "sequenceLength"))).toContain("layout.tensor");
    const found = await problemPaths(without(whole.replace("tensor: 2", "tensor: 2, data: 7"), "nodes"));
    expect(found).toEqual(["cluster.nodes"]);
  });

  it("is not looked up where something else than a missing key is wrong", async () => {
    expect(await problemPaths(without(odd.replace("64", "-1"), "name"))).toEqual(["name", "workload.globalBatch"]);
  });
});
