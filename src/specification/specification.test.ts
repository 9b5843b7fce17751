import { beforeAll, describe, expect, it } from "vitest";
import { type MemoryHost, memoryHost } from "../../test/memory-host.ts";
import { ncclLog } from "../../test/nccl-tests/log.ts";
import { ProblemError } from "../base/problem.ts";
import { clusterOf, nodes, sources } from "../catalog/index.ts";
import { facilityOf } from "../economics/index.ts";
import { testProgram } from "../evidence/index.ts";
import { operations } from "../operations/index.ts";
import { parseScenario } from "../scenario/index.ts";
import {
  isSpecification,
  judgeSpecification,
  readLogFor,
  readSpecification,
  type Specification,
  type SpecificationVerdict,
  specificationMarkdown,
  specificationOf,
} from "./index.ts";

const training = `
windtunnel: 1
name: two nodes
cluster: { node: hgx-h100, nodes: 2 }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 128, tokens: 20G }
layout: { tensor: 2, data: 8, microBatch: 1, sharding: optimizer }
software: megatron-core@2024.07
reliability: {}
storage: { write: 10 GB/s }
`;
const service = `
windtunnel: 1
name: chat
cluster: { node: hgx-h100, nodes: 1 }
workload:
  kind: serving
  model: meta-llama/Llama-3.1-8B
  requests: { arrivals: poisson, rate: 2 /s, count: 60, input: 1000, output: 100 }
  slo: { timeToFirstToken: { p99: 1 s } }
serving: { engine: { name: vllm, version: "0.19" }, replicas: 1 }
`;

const written = (text: string): Specification => specificationOf({ scenario: parseScenario(text), files: {} });

let spec: Specification;
let chat: Specification;
beforeAll(() => {
  spec = written(training);
  chat = written(service);
}, 60_000);

const judged = (specification: Specification, ...texts: readonly string[]): SpecificationVerdict =>
  judgeSpecification(
    specification,
    texts.map((text, index) => readLogFor(specification, text, `log-${index}`)),
  );

/** Runs of a test at shares of the predicted bandwidth. */
function collective(id: string, share: number, sizes?: readonly number[]): string {
  const test = spec.tests.find((each) => each.id === id);
  if (test === undefined) throw new Error(id);
  const program = String(test.match.program);
  const ranks = Number(test.match.ranks);
  const factor = testProgram(program)?.factor(ranks) ?? 1;
  const hosts = ranks === 8 ? { a: 8 } : { a: 8, b: 8 };
  const times = test.limits.map(
    ({ size = 1, predicted }) => [size, (size * factor) / (Number(predicted) * share)] as const,
  );
  return ncclLog({ program, hosts, times: times.filter(([size]) => sizes === undefined || sizes.includes(size)) });
}

const resultOf = ({ tests }: SpecificationVerdict, id: string) => tests.find((test) => test.id === id);

describe("spec", () => {
  it("is read back as it was written", () => {
    const text = JSON.stringify(spec);
    expect(isSpecification(text)).toBe(true);
    expect(isSpecification(training)).toBe(false);
    expect(readSpecification(text, "spec.json")).toEqual(spec);
  });

  it("keeps thresholds on the safe side of the prediction, and names sources that exist", () => {
    const limits = [...spec.tests, ...chat.tests].flatMap((test) => test.limits);
    expect(limits.length).toBeGreaterThan(30);
    for (const { direction, predicted, threshold, trust, sources: keys, reason } of limits) {
      expect(keys.every((key) => key in sources)).toBe(true);
      expect(reason).not.toBe("");
      expect(threshold === null).toBe(trust === "assumed");
      if (trust === "given" || threshold === null || predicted === null) continue;
      if (direction === "at-least") expect(threshold).toBeLessThan(predicted);
      else expect(threshold).toBeGreaterThan(predicted);
    }
  });

  it("says assumed where nothing measured judges, and invents no threshold", () => {
    const b200 = written(training.replace("hgx-h100", "dgx-b200"));
    const memory = b200.tests.find(({ kind }) => kind === "memory")?.limits[0];
    expect(memory).toMatchObject({ threshold: null, trust: "assumed" });
    expect(memory?.reason).toContain("blackwell has no tables");
  });

  it("has a table cell for every limit, and what is not covered", () => {
    const text = specificationMarkdown(spec);
    for (const { id, command } of spec.tests) {
      expect(text).toContain(`### ${id}`);
      expect(text).toContain(command);
    }
    expect(text).toContain("power of storage");
  });

  it("refuses another format, another version and a changed file", () => {
    const message = (text: string): string => {
      try {
        readSpecification(text, "spec.json");
      } catch (error) {
        if (error instanceof ProblemError) return error.message;
      }
      return "";
    };
    expect(message("{")).toContain("is no JSON");
    expect(message(JSON.stringify({ ...spec, format: "other" }))).toContain('unknown format "other"');
    expect(message(JSON.stringify({ ...spec, version: 7 }))).toContain("has version 7, this program reads version 1");
    expect(message(JSON.stringify({ ...spec, tests: 1 }))).toContain("tests");
    const [first] = spec.tests;
    expect(message(JSON.stringify({ ...spec, tests: [first, first] }))).toContain("is there twice");
  });

  it("is refused for a design that does not fit", () => {
    expect(() => written(training.replace("Llama-3.1-8B", "Llama-3.1-405B"))).toThrow("does not fit");
  });
});

describe("accept by a specification", () => {
  it("passes what is as predicted, and misses the rest", () => {
    const verdict = judged(spec, collective("NET-NODE-all_reduce", 1), collective("NET-NODE-all_reduce", 0.99));
    expect(resultOf(verdict, "NET-NODE-all_reduce")).toMatchObject({ verdict: "passed", logs: 2, asked: 2 });
    expect(verdict.pass).toBe(false);
    expect(verdict.counts).toEqual({ passed: 1, failed: 0, missing: spec.tests.length - 1, recorded: 0 });
  });

  it("misses a test with fewer logs than nodes, or without a size", () => {
    expect(resultOf(judged(spec, collective("NET-NODE-alltoall", 1)), "NET-NODE-alltoall")?.verdict).toBe("missing");
    const short = resultOf(judged(spec, collective("NET-ALL-all_gather", 1, [2 ** 20])), "NET-ALL-all_gather");
    expect(short?.verdict).toBe("missing");
    expect(short?.results.filter(({ verdict }) => verdict === "missing")).toHaveLength(3);
  });

  it("fails what is too slow, with the margin", () => {
    const slow = resultOf(judged(spec, collective("NET-ALL-all_reduce", 0.3)), "NET-ALL-all_reduce");
    expect(slow?.verdict).toBe("failed");
    expect(Math.max(...(slow?.results ?? []).map(({ margin }) => margin ?? 1))).toBeLessThan(0);
  });

  it("fails a run with wrong elements however fast", () => {
    const text = collective("NET-ALL-all_reduce", 1).replace(/ 0( {2,}\d+\S* +\S+ +\S+ +)0$/m, " 4$1 0");
    expect(resultOf(judged(spec, text), "NET-ALL-all_reduce")?.verdict).toBe("failed");
  });

  it("leaves logs of other tests and of none with the reason", () => {
    const other = ncclLog({ program: "broadcast", hosts: { a: 8 }, times: [[2 ** 20, 1e-4]] });
    const { left } = judged(spec, other, "once upon a time", '{"a": 1}');
    expect(left).toHaveLength(3);
    expect(left.map(({ message }) => message).join("\n")).toContain(
      "a log of another test: collective, program broadcast, ranks 8",
    );
    expect(left.every(({ location }) => location?.file?.startsWith("log-"))).toBe(true);
  });

  it("reads fio, of one machine and of several", () => {
    const job = (bytes: number) => ({ jobname: "write", error: 0, write: { bw_bytes: bytes }, read: { bw_bytes: 0 } });
    const all = { jobname: "All clients", write: { bw_bytes: 12e9 } };
    const several = { "fio version": "fio-3.36", client_stats: [job(6e9), job(6e9), all] };
    const measured = judged(spec, JSON.stringify(several)).tests.find(({ kind }) => kind === "storage");
    expect(measured?.results[0]).toMatchObject({ metric: "writeBandwidth", measured: 12e9, verdict: "passed" });
    const one = { "fio version": "fio-3.36", jobs: [{ ...job(1e9), error: 5 }] };
    expect(judged(spec, JSON.stringify(one)).left[0]?.message).toContain("1 of 1 jobs of fio failed: error 5");
  });

  it("reads BabelStream's table", () => {
    // As printed on an A100 80 GB: below what an H100 must reach.
    const text = [
      "Function    MBytes/sec  Min (sec)   Max         Average     ",
      "Copy        1709360.800 0.00031     0.00032     0.00032     ",
      "Triad       1724827.354 0.00047     0.00047     0.00047     ",
    ].join("\n");
    const [copy] = resultOf(judged(spec, text), "ACC-HBM")?.results ?? [];
    expect(copy).toMatchObject({ measured: 1709360.8e6, verdict: "failed", of: "accelerator 0" });
  });

  it("reads products as a table and as JSON, and names broken rows", () => {
    const rate = (text: string) => resultOf(judged(spec, text), "ACC-GEMM")?.results[0]?.measured;
    expect(rate("m,n,k,format,seconds\n8192,8192,8192,bf16,0.0015\n")).toBeCloseTo((2 * 8192 ** 3) / 0.0015, -3);
    const row = { m: 8192, n: 8192, k: 8192, format: "bf16", seconds: 0.0015 };
    expect(rate(JSON.stringify({ products: [row] }))).toBeCloseTo((2 * 8192 ** 3) / 0.0015, -3);
    expect(judged(spec, "m,n,k,format,seconds\n8192,8192,8192,bf16,zero\n").left[0]?.message).toContain("row 1");
  });

  it("reads a benchmark of the service, and holds its targets", () => {
    const [test] = chat.tests.filter(({ kind }) => kind === "serving");
    expect(test?.command).toContain("vllm bench serve");
    expect(test?.limits.some(({ metric, threshold }) => metric === "timeToFirstToken.p99" && threshold === 1)).toBe(
      true,
    );
    const result = { completed: 60, total_input_tokens: 60_000, total_output_tokens: 6000, request_throughput: 2 };
    const rates = { output_throughput: 200, mean_ttft_ms: 20, p99_ttft_ms: 1500, mean_tpot_ms: 5, mean_itl_ms: 5 };
    const found = resultOf(judged(chat, JSON.stringify({ ...result, ...rates, mean_e2el_ms: 600 })), test?.id ?? "");
    const p99 = found?.results.find(({ metric }) => metric === "timeToFirstToken.p99");
    expect(p99).toMatchObject({ verdict: "failed", measured: 1.5, threshold: 1, margin: -0.5 });
  });

  it("refuses options that a specification says itself, and files that cannot be opened", async () => {
    const host: MemoryHost = memoryHost({ "spec.json": JSON.stringify(spec), "a.log": "x" });
    const given = { scenario: "spec.json", files: ["a.log"] };
    await expect(operations.accept.run({ ...given, tolerance: "10%" }, host)).rejects.toThrow("belongs to a scenario");
    await expect(operations.accept.run({ ...given, files: ["none.log"] }, host)).rejects.toThrow(ProblemError);
    await expect(operations.spec.run({ scenario: "spec.json", output: "spec.txt" }, host)).rejects.toThrow("neither");
  });
});

describe("facility", () => {
  const facility = (node: string, count: number, more: { readonly rack?: number; readonly pue?: number } = {}) => {
    const { rack, pue } = more;
    const cluster = clusterOf({ node: nodes.get(node), nodes: count });
    const limits = rack === undefined ? {} : { rack };
    const groups = [{ cluster, network: 1000 }];
    const asked = { groups, storage: "unknown", powerUsageEffectiveness: pue ?? "unknown", ...limits } as const;
    const found = facilityOf(asked);
    return { ...found, ...found.groups[0] };
  };

  it("adds machines, network and cooling up to the site", () => {
    const { machines, network, equipment, cooling, site } = facility("dgx-h100", 4, { pue: 1.3 });
    expect(Number(equipment)).toBe(Number(machines) + Number(network));
    expect(Number(site)).toBeCloseTo(Number(equipment) + Number(cooling), 6);
    expect(machines).toBe(4 * 10_200);
  });

  it("keeps unknown what nobody said", () => {
    const { site, cooling, racks, excluded } = facility("dgx-h100", 4);
    expect([site, cooling, racks]).toEqual(["unknown", "unknown", "unknown"]);
    expect(excluded).toContain("cooling (no power usage effectiveness is given)");
    expect(facility("tpu-v5p", 4, { pue: 1.1 }).site).toBe("unknown");
  });

  it("counts racks by scale-up domains, or by their power", () => {
    expect(facility("gb200-nvl72", 36).racks).toBe(2);
    expect(facility("dgx-h100", 5, { rack: 41_000 }).racks).toBe(2);
    expect(facility("dgx-h100", 5, { rack: 5000 }).racks).toBe("unknown");
  });
});
