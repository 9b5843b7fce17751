import { describe, expect, it } from "vitest";
import { memoryHost } from "../../../test/memory-host.ts";
import { runCli } from "../cli.ts";
import { plainView } from "../view.ts";

const cluster = `windtunnel: 1
name: t
cluster: { node: hgx-h100, nodes: 16, fabric: { topology: fat-tree, transport: roce, tiers: 2, oversubscription: [4], nodesPerLeaf: 4 } }
`;

async function said(words: readonly string[], workload: string): Promise<string> {
  let [out, error] = ["", ""];
  const code = await runCli([...words], {
    host: memoryHost({ "s.yaml": `${cluster}${workload}\n`, "f.csv": "start,from,to,bytes\n0,0,9,1000000\n" }),
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    view: plainView,
    errorView: plainView,
  });
  expect([code, error]).toEqual([0, ""]);
  return out;
}

describe("traffic on a terminal", () => {
  it("shows a pattern: time, percentiles, where the time goes and the fullest links", async () => {
    const out = await said(["predict", "s.yaml"], "workload: { kind: traffic, pattern: halo-2d, size: 1 MiB }");
    expect(out).toMatch(/halo-2d of 1 MiB over 128 accelerators \| 16 x hgx-h100/);
    expect(out).toMatch(/completion +mean .*p50 .*p90 .*p99 .*max/);
    expect(out).toMatch(/waiting for other messages/);
    expect(out).toMatch(/Fullest links\n +busy +class +link\n +[\d.]+ %/);
  });

  it("shows a range where receivers are overloaded", async () => {
    const out = await said(["predict", "s.yaml"], "workload: { kind: traffic, pattern: incast, size: 1 MiB }");
    expect(out).toMatch(/time +at least .*, at most .*: no single figure/);
    expect(out).not.toContain("completion");
    const explained = await said(["explain", "s.yaml"], "workload: { kind: traffic, pattern: incast, size: 1 MiB }");
    expect(explained).toMatch(/90 % interval .* to .*, assumed/);
    expect(explained).toMatch(/least time/);
  });

  it("shows a trace, and jobs with the links that they have in common", async () => {
    expect(await said(["predict", "s.yaml"], "workload: { kind: traffic, trace: f.csv }")).toContain(
      "1 transfer of f.csv",
    );
    const job = (name: string): string =>
      `{ name: ${name}, accelerators: 64, placement: alternate, phases: [ { collective: all-to-all, size: 1 GB } ] }`;
    const jobs = `workload: { kind: traffic, jobs: [ ${job("a")}, ${job("b")} ] }`;
    const out = await said(["predict", "s.yaml"], jobs);
    expect(out).toMatch(/job +time +round +round alone +slowdown\n +a +/);
    expect(out).toMatch(/Links in common\n.*\n +a and b +\d+ +(leaf|spine) \d+ -> /);
    expect(await said(["explain", "s.yaml"], jobs)).toMatch(/waiting for other jobs/);
  });
});
