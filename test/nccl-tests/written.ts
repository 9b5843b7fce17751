/**
 * Results as nccl-tests `-J` and rccl-tests `-Z` write them, made to the documented formats: no run of a machine is in the
 * repository under a licence that says so.
 */

import { testProgram } from "../../src/evidence/nccl-tests/index.ts";
import type { LogRequest } from "./log.ts";

const float = 4;

interface Row {
  readonly size: number;
  readonly count: number;
  readonly time: number;
  readonly algorithm: number;
  readonly bus: number;
}

function rowsOf({ program, hosts, times }: LogRequest): { readonly ranks: number; readonly rows: readonly Row[] } {
  const test = testProgram(program);
  const ranks = Object.values(hosts).reduce((sum, count) => sum + count, 0);
  const rows = times.map(([size, seconds]): Row => {
    const algorithm = size / seconds / 1e9;
    const count = size / float / (test?.sharded === true ? ranks : 1);
    return { size, count, time: seconds * 1e6, algorithm, bus: algorithm * (test?.factor(ranks) ?? 1) };
  });
  return { ranks, rows };
}

/** `-J`, of one process a rank under MPI. Numbers have six decimals, as `%lf` writes them. */
export function ncclJson(request: LogRequest, wrong = 0): string {
  const { program, hosts, device = "NVIDIA H100 80GB HBM3" } = request;
  const placed = Object.entries(hosts).flatMap(([host, count]) =>
    Array.from({ length: count }, (_, index) => ({ host, index })),
  );
  const timing = ({ time, algorithm, bus }: Row) => {
    const [t, a, b] = [time, algorithm, bus].map((value) => Number(value.toFixed(6)));
    return { time: t, alg_bw: a, bus_bw: b, nwrong: wrong };
  };
  return JSON.stringify({
    version: 2,
    start_time: "2026-11-20 10:00:00",
    args: [`./build/${program}_perf`, "-b", "1M", "-J", "out.json"],
    env: ["HOME=/root", "NCCL_ALGO=Ring"],
    nccl_version: 22105,
    config: {
      nthreads: 1,
      ngpus: 1,
      devices: placed.map(({ host, index }, rank) => {
        return {
          rank,
          group: 0,
          pid: 4000 + rank,
          hostname: host,
          device: index,
          device_hex: "0",
          device_info: device,
        };
      }),
    },
    results: rowsOf(request).rows.map((row) => ({
      size: row.size,
      count: row.count,
      type: "float",
      redop: program === "all_reduce" || program === "reduce_scatter" ? "sum" : "none",
      root: "    -1",
      out_of_place: timing(row),
      in_place: timing(row),
      actual_iterations: 20,
      experiment_name: `${program}_perf`,
    })),
    out_of_bounds: { count: 0, okay: "true" },
    average_bus_bandwidth: { bandwidth: 1, okay: "unchecked" },
    errors: [],
    end_time: "2026-11-20 10:01:00",
  });
}

/** `-Z json` or `-Z csv`: a record a size and place. */
export function rcclRecords(request: LogRequest, format: "json" | "csv"): string {
  const { ranks, rows } = rowsOf(request);
  const nodes = Object.keys(request.hosts).length;
  const records = rows.flatMap(({ size, time, algorithm, bus }) =>
    [0, 1].map((inPlace) => ({
      numCycle: 0,
      name: request.program === "alltoall" ? "AlltoAll" : "AllReduce",
      nodes,
      ranks,
      ranksPerNode: ranks / nodes,
      gpusPerRank: 1,
      size,
      type: "float",
      redop: "sum",
      inPlace,
      time: Number(time.toFixed(6)),
      algBw: Number(algorithm.toFixed(6)),
      busBw: Number(bus.toFixed(6)),
      wrong: inPlace === 1 && request.program === "alltoall" ? "N/A" : "0",
    })),
  );
  if (format === "json") return `[\n${records.map((record) => JSON.stringify(record)).join(",\n")}\n]\n`;
  const names = Object.keys(records[0] ?? {});
  return [names.join(","), ...records.map((record) => Object.values(record).join(",")), ""].join("\n");
}
