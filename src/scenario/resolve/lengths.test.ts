import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { type Prediction, predict, requiredFiles, scenarioFromValue } from "../index.ts";

type Section = Record<string, unknown>;

const scenario = (lengths: Section, more: { layout?: Section; software?: Section | string } = {}) => ({
  windtunnel: 1,
  name: "t",
  cluster: { node: "hgx-h100", nodes: 1 },
  workload: { kind: "training", model: "llama-3.1-8b", globalBatch: 64, lengths },
  layout: { microBatch: 1, recompute: "full", sharding: "full", ...more.layout },
  ...(more.software === undefined ? {} : { software: more.software }),
});

const files = { "lengths.txt": "100\n\n2000\n4096\n", "broken.txt": "100\nlong\n", "empty.txt": "\n" };

function run(lengths: Section, more = {}): Prediction {
  return predict(scenarioFromValue(scenario(lengths, more)), files);
}

function problems(lengths: Section, more = {}): string[] {
  try {
    run(lengths, more);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const noted = ({ assumptions }: Prediction, path: string): string[] =>
  assumptions.filter((found) => found.path === path).map(({ value }) => value);

describe("lengths", () => {
  it("come from a file, which is asked for", () => {
    expect(requiredFiles(scenarioFromValue(scenario({ file: "lengths.txt" })))).toEqual(["lengths.txt"]);
    const fromFile = run({ file: "lengths.txt" });
    expect(fromFile.metrics).toEqual(run({ samples: [100, 2000, 4096] }).metrics);
    expect(noted(fromFile, "workload.lengths.packedLength")).toEqual(["4096"]);
  });

  it("say every default", () => {
    const packed = run({ samples: [100, 3000], packing: "greedy", packedLength: 2048 });
    expect(noted(packed, "workload.lengths.masking")).toEqual(["documents"]);
    expect(noted(packed, "workload.lengths")).toContain("cut into rows of 2048 tokens");
    expect(noted(packed, "workload.globalBatch")).toEqual(["rows"]);
    const padded = run({ lognormal: { median: 500, p99: 4000 } });
    expect(noted(padded, "workload.lengths.packing")).toEqual(["none"]);
    expect(noted(padded, "workload.lengths.padTo")).toEqual(["longest"]);
  });

  it("count tokens of sequences: rates fall with padding, time to train rises", () => {
    const wide = run({ samples: [256, 4096], padTo: "packed-length" });
    const whole = run({ samples: [4096] });
    expect(wide.metrics.stepTime).toBe(whole.metrics.stepTime);
    const share = (wide.metrics.tokensPerSecond ?? 0) / (whole.metrics.tokensPerSecond ?? 1);
    expect(share).toBeCloseTo((256 + 4096) / 8192, 9);
    expect(wide.metrics.modelFlopsUtilization).toBeLessThan(whole.metrics.modelFlopsUtilization ?? 0);
  });

  it.each<[Section, { layout?: Section; software?: Section }, string]>([
    [{}, {}, "workload.lengths: missing; expected the lengths"],
    [{ samples: [1], file: "lengths.txt" }, {}, "workload.lengths: both samples and file"],
    [{ file: "none.txt" }, {}, 'workload.lengths.file: the file "none.txt" was not given'],
    [{ file: "broken.txt" }, {}, 'workload.lengths.file: line 2 of "broken.txt" is "long"'],
    [{ file: "empty.txt" }, {}, 'workload.lengths.file: "empty.txt" has no lengths'],
    [{ lognormal: { median: 500, p99: 400 } }, {}, "workload.lengths.lognormal.p99: 400 is less than the median 500"],
    [
      {
        histogram: [
          { upTo: 512, share: 0.3 },
          { upTo: 512, share: 0.7 },
        ],
      },
      {},
      "workload.lengths.histogram[1].upTo: 512 is not more than 512 before it",
    ],
    [
      {
        histogram: [
          { upTo: 512, share: 0.3 },
          { upTo: 1024, share: 0.6 },
        ],
      },
      {},
      "workload.lengths.histogram: the shares add up to 90 %, expected 100 %",
    ],
    [
      { samples: [512], packing: "greedy", padTo: "longest" },
      {},
      "workload.lengths.padTo: has no effect with packing: greedy",
    ],
    [{ samples: [512], masking: "none" }, {}, "workload.lengths.masking: has no effect with packing: none"],
    [
      { samples: [512], contextCut: "row" },
      {},
      "workload.lengths.contextCut: has no effect without layout.context > 1",
    ],
    [
      { samples: [512], contextCut: "row" },
      { layout: { context: 2 }, software: { contextExchange: "all-to-all" } },
      "workload.lengths.contextCut: has no effect: with all-to-all every rank has all tokens",
    ],
    [
      { samples: [512], packedLength: 514 },
      { layout: { context: 2 } },
      "workload.lengths.packedLength: 514 tokens are not divisible by context 2 x 2 (zig-zag) = 4",
    ],
    [
      { samples: [512] },
      { software: { kernels: { attention: "unfused" } } },
      "workload.lengths: unfused attention computes whole rows",
    ],
  ])("%j with %j: %s", (lengths, more, expected) => {
    expect(problems(lengths, more).map((found) => found.split("; the nearest")[0])).toEqual([expected]);
  });
});

describe("context parallelism", () => {
  const sequences = { samples: [8192] };

  it.each<[Section, string, string]>([
    [{ contextInner: 2 }, "ring", "layout.contextInner: has no effect without context > 1"],
    [{ contextBalance: "zig-zag" }, "ring", "layout.contextBalance: has no effect without context > 1"],
    [{ context: 2, contextInner: 2 }, "ring", "layout.contextInner: has no effect with contextExchange: ring"],
    [
      { context: 2, contextBalance: "contiguous" },
      "all-to-all",
      "layout.contextBalance: has no effect: with all-to-all every rank has all tokens",
    ],
    [{ context: 4, contextInner: 3 }, "hierarchical", "layout.contextInner: 4 context ranks cannot be grouped by 3"],
  ])("%j over %s: %s", (layout, contextExchange, expected) => {
    expect(problems(sequences, { layout, software: { contextExchange } })).toEqual([expected]);
  });

  it("names heads that cannot be spread", () => {
    const written = {
      ...scenario(sequences, { layout: { tensor: 8, context: 8, sharding: "optimizer" } }),
      cluster: { node: "hgx-h100", nodes: 8 },
      software: { contextExchange: "all-to-all" },
    };
    expect(() => predict(scenarioFromValue(written))).toThrow(
      /4 heads of a tensor rank cannot be spread over 8 context ranks/,
    );
  });

  it("groups the ranks of a domain by default, as far as heads divide", () => {
    const prediction = run(sequences, { layout: { context: 8 }, software: { contextExchange: "hierarchical" } });
    expect(noted(prediction, "layout.contextInner")).toEqual(["8"]);
    expect(noted(prediction, "layout.contextBalance")).toEqual(["zig-zag"]);
  });

  it("make no more sequences a row than are modelled, and as many as that in no time", () => {
    const short = { samples: [1], packedLength: 1_000_000 };
    for (const packing of ["best-fit", "greedy"]) {
      expect(problems({ ...short, packing })).toEqual([
        "workload.lengths.packedLength: a row of 1000000 tokens holds 1000000 sequences on average, at most 65536 are modelled",
      ]);
    }
    const few = run({ samples: [20], packing: "best-fit", packedLength: 1_000_000 });
    expect(few.metrics.stepTime).toBeGreaterThan(0);
  });

  it("of a log-normal are no longer than lengths that are written", () => {
    expect(problems({ lognormal: { median: 1, p99: 100_000_000 } })).toEqual([
      "workload.lengths.lognormal.p99: the 99.9th percentile is 42354217118 tokens, at most 100000000 are modelled",
    ]);
    expect(problems({ lognormal: { median: 100_000, p99: 1_000_000 } })).toEqual([]);
  });
});
