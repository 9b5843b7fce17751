/** The programs of nccl-tests and rccl-tests, and what their bus bandwidth counts. */

import type { CollectiveOperation } from "../../network/index.ts";

export interface TestProgram {
  /** Without `_perf`: `all_reduce`. */
  readonly name: string;
  /** The collective it is in our words; absent where none is modelled. */
  readonly operation?: CollectiveOperation;
  /** Bus bandwidth over algorithm bandwidth. @source nccl-tests-performance */
  readonly factor: (ranks: number) => number;
  /** True where `count` is of one rank's part: the size is count x ranks. */
  readonly sharded: boolean;
}

const one = (): number => 1;
const part = (ranks: number): number => (ranks - 1) / ranks;

export const testPrograms: readonly TestProgram[] = Object.freeze([
  { name: "all_reduce", operation: "all-reduce", factor: (ranks) => 2 * part(ranks), sharded: false },
  { name: "all_gather", operation: "all-gather", factor: part, sharded: true },
  { name: "reduce_scatter", operation: "reduce-scatter", factor: part, sharded: true },
  { name: "alltoall", operation: "all-to-all", factor: part, sharded: true },
  { name: "broadcast", operation: "broadcast", factor: one, sharded: false },
  { name: "sendrecv", operation: "send-receive", factor: one, sharded: false },
  { name: "reduce", operation: "reduce", factor: one, sharded: false },
  { name: "gather", factor: part, sharded: true },
  { name: "scatter", factor: part, sharded: true },
  { name: "hypercube", factor: one, sharded: false },
  { name: "alltoallv", factor: part, sharded: true },
]);

/** By the name of the program (`all_reduce_perf`, `all_reduce_perf_mpi`) or of the collective (`all-reduce`). */
export function testProgram(name: string): TestProgram | undefined {
  const bare = name
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/_perf.*$/, "")
    .replaceAll("-", "_");
  const same = (text: string): string => text.replaceAll("_", "").replaceAll("-", "");
  const wanted = same(bare) === "sendreceive" ? "sendrecv" : same(bare);
  return testPrograms.find((program) => same(program.name) === wanted);
}

/** What the columns of a table say of the program that made it. */
export interface TableFacts {
  readonly redop?: string;
  readonly root?: number;
  /** Bus bandwidth over algorithm bandwidth, of the rows that are large enough to tell. */
  readonly ratio?: number;
  /** Size over count x bytes of an element: the ranks, where `count` is one rank's part. */
  readonly parts: number;
  /** In-place results that the program does not check: all-to-all and send-receive. */
  readonly inPlace: "checked" | "unchecked" | "absent";
}

/**
 * The program that prints such a table, for logs that do not name theirs; undefined where several do. Rooted programs
 * state their root, others -1; programs that do not reduce print `none`.
 */
export function guessProgram({ redop, root, ratio, parts, inPlace }: TableFacts): TestProgram | undefined {
  const reduces = redop !== undefined && redop !== "none";
  const named = (name: string): TestProgram | undefined => testProgram(name);
  if (root !== undefined && root >= 0) {
    if (parts !== 1) return undefined;
    return named(reduces ? "reduce" : "broadcast");
  }
  if (parts === 1) {
    if (ratio === undefined) return undefined;
    // Between two ranks an all-reduce has the ratio of a send: 1.
    if (Math.abs(ratio - 1) > 0.02) return ratio > 1 ? named("all_reduce") : undefined;
    return inPlace === "unchecked" ? named("sendrecv") : inPlace === "checked" ? named("all_reduce") : undefined;
  }
  if (reduces) return named("reduce_scatter");
  return inPlace === "unchecked" ? named("alltoall") : inPlace === "checked" ? named("all_gather") : undefined;
}
