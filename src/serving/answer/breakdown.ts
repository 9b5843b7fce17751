/**
 * Where the time of a mean request goes, as a tree of terms. Parts add up to the mean end-to-end latency, request by
 * request.
 *
 * The prompt's part is what its chunks would have taken alone; decoding likewise without prompts beside it; interference
 * is what running together added to both. Stalls are tokens that came late for other reasons: preemption, recomputing.
 */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf, type Term } from "../../base/term.ts";
import type { RequestState } from "../request-state.ts";

/** Times of a mean request. */
export interface MeanRequest {
  readonly arriving: Seconds;
  readonly queue: Seconds;
  readonly prefill: Seconds;
  readonly prefillInterference: Seconds;
  readonly leaving: Seconds;
  readonly decode: Seconds;
  readonly decodeInterference: Seconds;
  readonly stalls: Seconds;
}

/** @param egress time from a finished iteration to the client, of the replica of a row. */
export function meanRequest(state: RequestState, rows: Int32Array, egress: (row: number) => Seconds): MeanRequest {
  const sums = {
    arriving: 0,
    queue: 0,
    prefill: 0,
    prefillInterference: 0,
    leaving: 0,
    decode: 0,
    decodeInterference: 0,
    stalls: 0,
  };
  for (const row of rows) {
    const out = egress(row);
    const made = state.firstToken[row]! - out;
    sums.arriving += state.queued[row]! - state.released[row]!;
    sums.queue += state.scheduled[row]! - state.queued[row]!;
    sums.prefill += state.prefillAlone[row]!;
    sums.prefillInterference += made - state.scheduled[row]! - state.prefillAlone[row]!;
    sums.leaving += out;
    const decoding = state.ended[row]! - state.firstToken[row]!;
    sums.decode += state.decodeAlone[row]!;
    sums.decodeInterference += state.interference[row]!;
    sums.stalls += decoding - state.decodeAlone[row]! - state.interference[row]!;
  }
  const count = Math.max(1, rows.length);
  return {
    arriving: sums.arriving / count,
    queue: sums.queue / count,
    prefill: sums.prefill / count,
    prefillInterference: sums.prefillInterference / count,
    leaving: sums.leaving / count,
    decode: sums.decode / count,
    decodeInterference: sums.decodeInterference / count,
    stalls: sums.stalls / count,
  };
}

/** The tree: time to first token, then the other tokens. */
export function requestTerm(mean: MeanRequest, source: string): Term {
  const part = (name: string, label: string, value: Seconds, formula: string): Term =>
    leaf({ name, label, value: Math.abs(value) < negligible ? 0 : value, formula, origin: "derived", source });
  return sumOf({ name: "endToEndLatency", label: "a mean request, end to end" }, [
    sumOf({ name: "timeToFirstToken", label: "until the first token" }, [
      part("arriving", "way to the engine", mean.arriving, "router, HTTP, tokenising, until the engine takes it in"),
      part("queue", "waiting for work", mean.queue, "first planned iteration - queued"),
      part("prefill", "its own prompt", mean.prefill, "sum of its chunks, each alone"),
      part("prefillInterference", "others beside its prompt", mean.prefillInterference, "iterations - chunks alone"),
      part("leaving", "way back", mean.leaving, "detokenising and streaming"),
    ]),
    sumOf({ name: "furtherTokens", label: "the other tokens" }, [
      part("decode", "decoding", mean.decode, "iterations without prompts beside them"),
      part("decodeInterference", "prompts beside decoding", mean.decodeInterference, "iterations - decoding alone"),
      part("stalls", "preemption and waiting", mean.stalls, "last token - first token - iterations"),
    ]),
  ]);
}

/** Differences of large times below this are rounding. */
const negligible: Seconds = 1e-12;
