import { describe, expect, it } from "vitest";
import { clusterOf, nodes } from "../../../src/catalog/index.ts";
import { collectiveTime, platformOf } from "../../../src/network/index.ts";
import { memoryHost } from "../../../test/memory-host.ts";
import { ncclLog, sweep } from "../../../test/nccl-tests/log.ts";
import { runCli } from "../cli.ts";
import { plainView } from "../view.ts";

const platform = platformOf(clusterOf({ node: nodes.get("hgx-h100"), nodes: 2 }));

/** A log of two nodes whose ports have a part of their rate. */
function log(share: number): string {
  const { tuning: _, ...rest } = platform;
  const { bandwidth, nodeBandwidth, port = bandwidth } = platform.scaleOut;
  const slow = { bandwidth: bandwidth * share, nodeBandwidth: nodeBandwidth * share, port: port * share };
  const from = { ...rest, scaleOut: { ...platform.scaleOut, ...slow } };
  const timeOf = (size: number): number =>
    collectiveTime(from, { operation: "all-gather", size, group: { size: 16, perDomain: 8, stride: 1 } }).time;
  const times = sweep(2 ** 20, 2 ** 33).map((size) => [size, timeOf(size)] as const);
  return ncclLog({ program: "all_gather", hosts: { a: 8, b: 8 }, times });
}

const files = {
  "s.yaml":
    "windtunnel: 1\nname: s\ncluster: { node: hgx-h100, nodes: 2 }\nworkload: { kind: collective, operation: all-gather, sizes: [1 GiB] }\n",
  "sound.log": log(1),
  "slow.log": log(1 / 2),
  "garbage.log": "no log\n",
};

async function run(...words: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const code = await runCli(words, {
    host: memoryHost(files),
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    view: plainView,
    errorView: plainView,
  });
  return { code, out, error };
}

describe("accept on the command line", () => {
  it("exits 0 where everything passes", async () => {
    const { code, out, error } = await run("accept", "s.yaml", "sound.log");
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(/sound\.log:\d+ pass/);
    expect(out).toMatch(/1 GiB +\d+ GB\/s .* pass\n/);
    expect(out.trimEnd().split("\n").at(-1)).toBe("Accepted");
  });

  it("exits 2 where a size fails, and says what it looks like and how to be sure", async () => {
    const { code, out } = await run("accept", "s.yaml", "sound.log", "slow.log");
    expect(code).toBe(2);
    expect(out).toContain("FAIL, too slow");
    expect(out).toMatch(/Suspected[^\n]*\n +- rail: one slow rail/);
    expect(out).toMatch(/To (be sure|tell them apart)\n +- sendrecv_perf/);
    expect(out.trimEnd().split("\n").at(-1)).toBe("Not accepted: 1 of 2 runs failed");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(plainView.width);
  });

  it("is one document with --json", async () => {
    const { code, out, error } = await run("accept", "s.yaml", "slow.log", "--json");
    expect([code, error]).toEqual([2, ""]);
    const { pass, runs } = JSON.parse(out) as { pass: boolean; runs: { suspects: { linkClass: string }[] }[] };
    expect([pass, runs[0]?.suspects[0]?.linkClass]).toEqual([false, "rail"]);
  });

  it("exits 1 on garbage, with its place", async () => {
    const { code, error } = await run("accept", "s.yaml", "garbage.log");
    expect(code).toBe(1);
    expect(error).toContain('garbage.log:1:1 no row of nccl-tests in the 2 lines of "garbage.log"');
  });
});

describe("import nccl-tests on the command line", () => {
  it("prints the records, and on standard error what was read and what is missing", async () => {
    const { code, out, error } = await run("import", "nccl-tests", "slow.log", "sound.log");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveLength(2);
    expect(error).toContain("Read: 2 runs");
    expect(error).toMatch(/the kind of node: hgx-h100 .* say --node NAME/);
  });

  it("prints the profile's errors where they count", async () => {
    const words = ["--profile", "p.json", "--name", "ours", "--date", "2026-11-22"];
    const { code, error } = await run("import", "nccl-tests", "slow.log", ...words);
    expect(code).toBe(0);
    expect(error).toMatch(/Profile ours of 2026-11-22: hgx-h100/);
    expect(error).toMatch(/mean error on sizes held out: [\d.]+ % calibrated, [\d.]+ % raw/);
  });
});
