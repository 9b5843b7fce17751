import { describe, expect, it } from "vitest";
import { memoryHost } from "../../../test/memory-host.ts";
import { runCli } from "../cli.ts";
import { plainView } from "../view.ts";
import { renderQuery } from "./query.ts";

const study = `windtunnel: 1
name: nothing is that fast
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { microBatch: 1, sharding: optimizer }
vary: { layout.tensor: [3, 4, 8], layout.pipeline: [1, 2] }
objective: [{ minimize: timeToTrain }]
constraints: [{ metric: timeToTrain, atMost: 1 day }]
`;

describe("a sweep for people", () => {
  it("shows the closest points where none is an answer, and exits 2", async () => {
    let out = "";
    const write = (text: string): void => {
      out += text;
    };
    const host = memoryHost({ "s.yaml": study });
    const terminal = { host, out: write, error: write, view: plainView, errorView: plainView };
    expect(await runCli(["sweep", "s.yaml", "-o", "here"], terminal)).toBe(2);
    expect(out).toContain("6 points of a grid, 0 meet every constraint");
    expect(out).toMatch(
      /point \d: layout.tensor \d, layout.pipeline \d\n {6}timeToTrain \d+ days instead of at most 24 h, \d+ times as much\n/,
    );
    expect(out).toMatch(/\n +2 +refused +layout/);
    expect(out).toContain("rows in here/results.parquet");
    expect(host.files.has("here/summary.json")).toBe(true);
  });

  it("shows a database's rows as a table", () => {
    const text = renderQuery(
      {
        columns: ["status", "n"],
        rows: [
          ["fits", 12.34567891],
          [null, 3],
        ],
      },
      plainView,
    );
    expect(text).toBe("  status        n\n  fits    12.3457\n                3\n  2 rows\n");
  });
});
