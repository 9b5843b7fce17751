/** Logs of nccl-tests, written as the program writes them, for tests that need one of known times. */

import { testProgram } from "../../src/evidence/nccl-tests/index.ts";

export interface LogRequest {
  /** `all_reduce`. */
  readonly program: string;
  /** Ranks on each host. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly device?: string;
  /** Seconds at each size in bytes. */
  readonly times: readonly (readonly [size: number, seconds: number])[];
  readonly library?: string;
  readonly command?: string;
}

const float = 4;

/** `%7.2f` and its shorter forms, as nccl-tests fits numbers into their columns. */
function fitted(value: number, width: number): string {
  const digits = Math.max(1, Math.floor(Math.log10(Math.max(value, 1))) + 1);
  const decimals = digits < width - 2 ? 2 : digits < width - 1 ? 1 : 0;
  return value.toFixed(decimals).padStart(width);
}

export function rowText(program: string, ranks: number, size: number, seconds: number): string {
  const test = testProgram(program);
  const reduces = ["all_reduce", "reduce_scatter", "reduce", "sendrecv"].includes(program);
  const root = ["broadcast", "reduce"].includes(program) ? 0 : -1;
  const count = size / float / (test?.sharded === true ? ranks : 1);
  const algorithm = size / seconds / 1e9;
  const bus = algorithm * (test?.factor(ranks) ?? 1);
  const block = (wrong: string): string =>
    `  ${fitted(seconds * 1e6, 7)}  ${fitted(algorithm, 6)}  ${fitted(bus, 6)}  ${wrong.padStart(5)}`;
  const head = [String(size).padStart(12), String(count).padStart(12), "float".padStart(8)];
  const kind = [(reduces ? "sum" : "none").padStart(6), String(root).padStart(6)];
  return `${[...head, ...kind].join("  ")}${block("0")}${block(["alltoall", "sendrecv"].includes(program) ? "N/A" : "0")}`;
}

export function ncclLog({ program, hosts, times, ...rest }: LogRequest): string {
  const { device = "NVIDIA H100 80GB HBM3", library = "NCCL version 2.21.5+cuda12.4", command } = rest;
  const placed = Object.entries(hosts).flatMap(([host, count]) =>
    Array.from({ length: count }, (_, index) => ({ host, index })),
  );
  const lines = placed.map(({ host, index }, rank) => {
    const bus = `0x${(16 + index * 16).toString(16)}`;
    return `#  Rank ${String(rank).padStart(2)} Group  0 Pid ${String(4000 + rank).padStart(6)} on ${host.padStart(10)} device ${String(index).padStart(2)} [${bus}] ${device}`;
  });
  const sizes = times.map(([size]) => size);
  const mean = times.reduce((sum, [size, seconds]) => sum + size / seconds / 1e9, 0) / times.length;
  return [
    ...(command === undefined ? [] : [`$ ${command}`]),
    `# Collective test starting: ${program}_perf`,
    `# nThread 1 nGpus 1 minBytes ${Math.min(...sizes)} maxBytes ${Math.max(...sizes)} step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1 validation: 1 graph: 0`,
    "#",
    "# Using devices",
    ...lines,
    library,
    "#",
    "#                                                              out-of-place                       in-place          ",
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong",
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)       ",
    ...times.map(([size, seconds]) => rowText(program, placed.length, size, seconds)),
    "# Out of bounds values : 0 OK",
    `# Avg bus bandwidth    : ${mean.toPrecision(6)}`,
    "#",
    "",
  ].join("\n");
}

/** Powers of two. */
export function sweep(from: number, to: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = from; size <= to; size *= 2) sizes.push(size);
  return sizes;
}
