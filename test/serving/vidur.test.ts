/**
 * Vidur's reference outputs under its own semantics and step times. Two runs are the gate; the two near saturation, where
 * a step 2 % longer moves first tokens by tens of per cent, are printed.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readVidurTable, vidurStepTime } from "../../src/serving/step/vidur-table.ts";
import { RequestListBuilder } from "../../src/workload/request/list.ts";
import { hasShared, sharedFile } from "../shared.ts";
import { plainSettings, runReplica } from "./one-replica.ts";

const text = (file: string): string => readFileSync(sharedFile(`data/serving-runs/vidur-ref/${file}`), "utf8");

/** A step of these runs at most. */
const longestStep = 0.045;

interface Row {
  readonly arrived: number;
  readonly input: number;
  readonly output: number;
  readonly first: number;
  readonly end: number;
}

describe.skipIf(!hasShared())("Vidur's reference runs", () => {
  it.each(["sar1k", "vllm1k"])("%s within 1 %, first tokens within one step", (name) => {
    const { first, each, whole, near } = compared(name);
    for (const error of [first, each, whole]) expect(Math.abs(error)).toBeLessThanOrEqual(0.01);
    expect(near).toBeGreaterThanOrEqual(0.98);
  });

  it.each(["fsar1k", "fvllm1k"])("%s, near saturation, ends all requests", (name) => {
    expect(compared(name).rows).toBe(1000);
  });

  it("computes one request alone as by hand", () => {
    const builder = new RequestListBuilder();
    builder.add({ release: 0, input: 1000, output: 20 });
    const { state } = run("sarathi", builder);
    expect(state.firstToken[0]).toBeCloseTo(0.073_576, 3);
    expect((state.ended[0]! - state.firstToken[0]!) / 19).toBeCloseTo(0.010_706, 4);
  });
});

function run(batching: "sarathi" | "vllm-v0", builder: RequestListBuilder) {
  return runReplica({
    requests: builder.done(),
    step: vidurStepTime(readVidurTable(text("steptable-llama3-8b-a100.json"))),
    settings: {
      ...plainSettings,
      batching,
      maxBatchedTokens: batching === "sarathi" ? 512 : 4096,
      blocks: 30_208,
      watermark: 0.01,
      prefixCaching: "off",
    },
  });
}

/** Relative errors of means, the share of first tokens within one step, and how many requests were compared. */
function compared(name: string) {
  const rows = text(`${name}.requests.csv`).trim().split("\n").slice(1).map(rowOf);
  const builder = new RequestListBuilder();
  for (const { arrived, input, output } of rows) builder.add({ release: arrived, input, output });
  const { state } = run(name.includes("sar") ? "sarathi" : "vllm-v0", builder);
  const total = (value: (row: Row, index: number) => number): number =>
    rows.reduce((sum, row, index) => sum + value(row, index), 0);
  const steps = ({ output }: Row): number => Math.max(1, output - 1);
  const { firstToken, ended } = state;
  const first = total(({ arrived }, at) => firstToken[at]! - arrived) / total((row) => row.first - row.arrived) - 1;
  const each =
    total((row, at) => (ended[at]! - firstToken[at]!) / steps(row)) /
      total((row) => (row.end - row.first) / steps(row)) -
    1;
  const whole = total(({ arrived }, at) => ended[at]! - arrived) / total((row) => row.end - row.arrived) - 1;
  const near = rows.filter((row, at) => Math.abs(firstToken[at]! - row.first) < longestStep).length / rows.length;
  process.stdout.write(`${name}: ${JSON.stringify({ first, each, whole, near })}\n`);
  return { first, each, whole, near, rows: ended.filter(Number.isFinite).length };
}

function rowOf(line: string): Row {
  const [, arrived = 0, input = 0, output = 0, first = 0, end = 0] = line.split(",").map(Number);
  return { arrived, input, output, first, end };
}
