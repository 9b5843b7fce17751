/** The example's scenario is what its launch script gives; and the operations around it, on a host of memory. */

import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { operations } from "../../src/operations/index.ts";
import { textOf } from "../architecture/files.ts";
import { type MemoryHost, memoryHost } from "../memory-host.ts";

const folder = "examples/from-a-launch-command";
const script = textOf(`${folder}/train.sh`);

async function imported(input: Parameters<typeof operations.import.run>[0], host: MemoryHost) {
  const found = await operations.import.run(input, host);
  if (!("notUnderstood" in found)) throw new Error("a launch command is no trace and no log");
  return found;
}

describe("the example of a launch command", () => {
  it("is imported byte for byte", async () => {
    const host = memoryHost({ "train.sh": script });
    const found = await imported({ kind: "launch", file: "train.sh" }, host);
    // Examples begin with a line for editors, whose path holds beside the schema alone.
    const [, ...lines] = textOf(`${folder}/scenario.yaml`).split("\n");
    expect(found.text).toBe(lines.join("\n"));
    expect(found.notUnderstood.map(({ flag, line }) => [flag, line])).toEqual([
      ["--defer-embedding-wgrad-compute", 57],
    ]);
  });

  it("is written where it is wanted, and predicted from there", async () => {
    const host = memoryHost({ "train.sh": script });
    await imported({ kind: "launch", file: "train.sh", output: "s.yaml" }, host);
    const { prediction } = await operations.predict.run({ scenario: "s.yaml" }, host);
    expect(prediction.metrics.stepTime).toBeGreaterThan(0);
    expect(host.messages).toEqual(["scenario written to s.yaml"]);
  });

  it("comes back from what is exported", async () => {
    const host = memoryHost({ "train.sh": script });
    await imported({ kind: "launch", file: "train.sh", output: "s.yaml" }, host);
    const found = await operations.export.run({ kind: "megatron", scenario: "s.yaml", output: "again.sh" }, host);
    expect(found.lost).toEqual([]);
    const again = await imported({ kind: "launch", file: "again.sh" }, host);
    const first = await imported({ kind: "launch", file: "train.sh" }, host);
    expect({ ...again.scenario, name: "" }).toEqual({ ...first.scenario, name: "" });
  });

  it("reads a config.json for the model, and files that the launch names", async () => {
    const config =
      '{"model_type":"llama","hidden_size":2048,"num_hidden_layers":80,"num_attention_heads":16,"intermediate_size":8192,"vocab_size":32000}';
    const host = memoryHost({ "train.sh": script, "config.json": config });
    const found = await imported({ kind: "launch", file: "train.sh", model: "config.json" }, host);
    expect(found.scenario.workload).toMatchObject({ model: "config.json" });
    const lost = operations.import.run(
      { kind: "launch", file: "ds.sh", nodes: 1, model: "llama-3.1-8b" },
      memoryHost({ "ds.sh": "deepspeed train.py --deepspeed ds.json --max_seq_length 2048 --bf16" }),
    );
    await expect(lost).rejects.toThrow(/cannot read "ds.json"[\s\S]*--set NAME=VALUE gives what it states/);
  });

  it.each([
    [{ kind: "launches", file: "train.sh" }, 'did you mean "launch"?'],
    [{ kind: "launch", file: "train.sh", set: ["TP"] }, 'found "TP", expected NAME=VALUE'],
    [
      { kind: "launch", file: "train.sh", set: ["TP=3"] },
      "tensor 3 x pipeline 4 = 12 does not divide the 256 accelerators",
    ],
    [{ kind: "launch", file: "train.sh", node: "hgx-h10" }, 'did you mean "hgx-h100"?'],
    [{ kind: "launch", file: "no.sh" }, "no such file"],
  ])("says what is wrong with %j", async (input, expected) => {
    const run = operations.import.run(input, memoryHost({ "train.sh": script }));
    await expect(run).rejects.toBeInstanceOf(ProblemError);
    await expect(run).rejects.toThrow(expected);
  });
});
