/**
 * Raw kind `collective`: times and bus bandwidths of collectives and of expert exchanges. Sizes are those of nccl-tests in
 * all of them: the whole buffer of all-gather and reduce-scatter, that of one rank of the others; tables that count
 * elements were converted when they were transcribed.
 */

import { exchangeDraft, exchangeReadings, isExchange } from "./collective/exchange.ts";
import { groupOf, machineOf } from "./collective/machine.ts";
import { skipReason, standingOf } from "./collective/standing.ts";
import { algorithmOf, basePoint, operationOf, readingsOf, sizesOf } from "./collective/values.ts";
import { assembleRecord, type Converter, type Drafted } from "./converter.ts";
import type { RawRow } from "./raw.ts";

export const collective: Converter = {
  kind: "collective",
  summary: "Time or bus bandwidth of a collective or of an expert exchange",
  convert(row) {
    const skip = skipReason(row);
    if (skip !== undefined) return { skip };
    const draft = isExchange(row) ? exchangeDraft(row) : callDraft(row);
    if ("skip" in draft) return draft;
    const readings = isExchange(row) ? exchangeReadings(row) : readingsOf(row);
    if (readings.measured.length === 0) return { skip: "no time or bandwidth of a call is measured" };
    return assembleRecord(row, { ...draft, ...standingOf(row) }, readings);
  },
};

function callDraft(row: RawRow): Drafted {
  const machine = machineOf(row);
  if ("skip" in machine) return machine;
  const point = basePoint(row);
  const operation = operationOf(row, row.measured[0]);
  if (operation === undefined) return { skip: `no operation of this name: ${String(row.workload.collective)}` };
  if (!(point.ranks > 1)) return { skip: "the number of ranks is not stated" };
  const algorithm = algorithmOf(row, undefined);
  const { sizes, assumptions } = sizesOf(row);
  return {
    use: "judge",
    cluster: machine.cluster,
    workload: {
      kind: "collective",
      operation,
      sizes,
      ...(algorithm === undefined ? {} : { algorithm }),
      ...libraryOf(row),
      ...launchOf(row),
      group: groupOf(point),
    },
    inferred: machine.inferred,
    assumptions: [...machine.assumptions, ...assumptions],
  };
}

/** Kernels of an inference engine, by the name of its library. */
function libraryOf(row: RawRow): { readonly library?: string } {
  const library = String(row.workload.library ?? "");
  if (!/custom all-reduce/.test(library)) return {};
  return { library: /vLLM/.test(library) ? "custom/vllm" : "custom/tensorrt-llm" };
}

/** Calls that processes in Python start one by one; point-to-point curves come from such calls themselves. */
function launchOf(row: RawRow): { readonly launch?: string } {
  const python = /torch/i.test(String(row.workload.library ?? ""));
  return python && row.workload.collective !== "send_recv" ? { launch: "per-process" } : {};
}
