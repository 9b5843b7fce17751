/** Raw kinds `serving-latency` and `serving-throughput`: one reader a source says what was run. */

import { assembleRecord, type Converter } from "./converter.ts";
import type { RawRow } from "./raw.ts";
import { blis } from "./serving/blis.ts";
import { decodeWindow } from "./serving/decode.ts";
import { inferenceX } from "./serving/inferencex.ts";
import { mlperf } from "./serving/mlperf.ts";
import type { Converted, ServingReader } from "./serving/reader.ts";
import { recordedRun } from "./serving/recorded.ts";
import { routingExperiment } from "./serving/routing.ts";
import { silicon } from "./serving/silicon.ts";
import { tensorrtPerformance } from "./serving/tensorrt.ts";
import { unreadable } from "./serving/unreadable.ts";

const readers: readonly ServingReader[] = [
  silicon,
  blis,
  mlperf,
  inferenceX,
  tensorrtPerformance,
  routingExperiment,
  recordedRun,
  decodeWindow,
];

function convert(row: RawRow): Converted {
  const reason = unreadable.find(([id]) => id.test(row.id))?.[1];
  if (reason !== undefined) return { skip: reason };
  const reader = readers.find((entry) => entry.matches(row));
  if (reader === undefined) return { skip: `no reader for the source "${row.source.title}"` };
  const found = reader.read(row);
  if ("skip" in found) return found;
  if (found.readings.measured.length === 0) return { skip: "nothing measured that is predicted" };
  return assembleRecord({ ...row, quote: found.quote ?? row.quote }, found.draft, found.readings);
}

export const servingLatency: Converter = {
  kind: "serving-latency",
  summary: "Latencies of a serving run under its load",
  convert,
};

export const servingThroughput: Converter = {
  kind: "serving-throughput",
  summary: "Throughput of a serving run",
  convert,
};
