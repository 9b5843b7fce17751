/**
 * Where the time of a mean request goes, as a tree of terms. Parts add up to the mean end-to-end latency, request by
 * request.
 *
 * The prompt's part is what its chunks would have taken alone; decoding likewise without prompts beside it; interference
 * is what running together added to both. Stalls are tokens that came late for other reasons: preemption, recomputing.
 */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf, type Term } from "../../base/term.ts";
import type { HostTimes } from "../engine/settings.ts";
import type { RequestState } from "../request-state.ts";

/** Times of a mean request. */
export interface MeanRequest {
  /** On its way, from the client's call until the engine takes it in: HTTP, tokenising, and the rest. */
  readonly calling: Seconds;
  readonly tokenising: Seconds;
  readonly arriving: Seconds;
  readonly queue: Seconds;
  /** Blocks that come from tiers or peers, before it first gets work. */
  readonly fetching: Seconds;
  readonly prefill: Seconds;
  readonly prefillInterference: Seconds;
  /** From the prompt's end to work at a decode replica that gives the first token: waiting, blocks that move, its iteration. */
  readonly handOverFirst: Seconds;
  readonly transferFirst: Seconds;
  readonly firstIteration: Seconds;
  readonly leaving: Seconds;
  /** The same where the prefill replica gave the first token. */
  readonly handOver: Seconds;
  readonly transfer: Seconds;
  readonly decode: Seconds;
  readonly drafting: Seconds;
  readonly decodeInterference: Seconds;
  /** What the last token waited to be sent beyond the first. */
  readonly delivery: Seconds;
  readonly stalls: Seconds;
}

const none: MeanRequest = {
  calling: 0,
  tokenising: 0,
  arriving: 0,
  queue: 0,
  fetching: 0,
  prefill: 0,
  prefillInterference: 0,
  handOverFirst: 0,
  transferFirst: 0,
  firstIteration: 0,
  leaving: 0,
  handOver: 0,
  transfer: 0,
  decode: 0,
  drafting: 0,
  decodeInterference: 0,
  delivery: 0,
  stalls: 0,
};

/** @param hosts of every replica, by its index. */
export function meanRequest(state: RequestState, rows: Int32Array, hosts: readonly Ways[]): MeanRequest {
  const sums = { ...none };
  for (const row of rows) {
    const first = state.prefillReplica[row]! < 0 ? state.replica[row]! : state.prefillReplica[row]!;
    const { ingress, ingressPerToken } = hosts[first]!;
    const tokenising = ingressPerToken * state.list.input[row]!;
    sums.calling += ingress;
    sums.tokenising += tokenising;
    sums.arriving += state.queued[row]! - state.released[row]! - ingress - tokenising;
    sums.queue += state.scheduled[row]! - state.queued[row]! - state.fetching[row]!;
    sums.fetching += state.fetching[row]!;
    sums.prefill += state.prefillAlone[row]!;
    const apart = !Number.isNaN(state.prefilled[row]!);
    const early = apart && state.firstTokenReplica[row] === state.prefillReplica[row];
    const out = early ? state.firstToken[row]! - state.prefilled[row]! : state.firstLeaving[row]!;
    const made = state.firstToken[row]! - out;
    const computed = apart ? state.prefilled[row]! : made;
    sums.prefillInterference += computed - state.scheduled[row]! - state.prefillAlone[row]!;
    sums.leaving += out;
    const between = apart ? state.resumed[row]! - state.prefilled[row]! : 0;
    const moving = apart ? transferTime(state, row) : 0;
    if (apart && !early) {
      sums.handOverFirst += between - moving;
      sums.transferFirst += moving;
      sums.firstIteration += made - state.resumed[row]!;
    } else {
      sums.handOver += between - moving;
      sums.transfer += moving;
    }
    sums.decode += state.decodeAlone[row]! - state.drafting[row]!;
    sums.drafting += state.drafting[row]!;
    sums.decodeInterference += state.interference[row]!;
    const delivery = early ? 0 : state.lastLeaving[row]! - state.firstLeaving[row]!;
    sums.delivery += delivery;
    const others = state.decodeAlone[row]! + state.interference[row]! + delivery + (early ? between : 0);
    sums.stalls += state.ended[row]! - state.firstToken[row]! - others;
  }
  const count = Math.max(1, rows.length);
  for (const name of Object.keys(sums) as (keyof MeanRequest)[]) sums[name] /= count;
  return sums;
}

type Ways = Pick<HostTimes, "ingress" | "ingressPerToken">;

/** Time for which a request's blocks moved to its decode replica; 0 where none had to. */
function transferTime({ transferStart, transferEnd }: RequestState, row: number): Seconds {
  const time = transferEnd[row]! - transferStart[row]!;
  return Number.isNaN(time) ? 0 : time;
}

/** The tree: time to first token, then the other tokens. */
export function requestTerm(mean: MeanRequest, source: string): Term {
  const part = (name: string, label: string, value: Seconds, formula: string, own = source): Term =>
    leaf({ name, label, value: Math.abs(value) < negligible ? 0 : value, formula, origin: "derived", source: own });
  // Fleets without tiers and hand-over do not show them.
  const some = (...[name, label, value, formula]: Parameters<typeof part>): readonly Term[] =>
    Math.abs(value) < negligible ? [] : [part(name, label, value, formula)];
  return sumOf({ name: "endToEndLatency", label: "a mean request, end to end" }, [
    sumOf({ name: "timeToFirstToken", label: "until the first token" }, [
      sumOf({ name: "arriving", label: "way to the engine" }, [
        part("calling", "HTTP", mean.calling, "to the server, and its queue to the engine"),
        part("tokenising", "tokenising", mean.tokenising, "prompt tokens x time of one", "tokenizer-speed"),
        part("takingIn", "router, taking in", mean.arriving, "routing, and the iteration under way"),
      ]),
      part("queue", "waiting for work", mean.queue, "first planned iteration - queued"),
      ...some("fetching", "blocks from tiers", mean.fetching, "until all are in the accelerators' memory"),
      part("prefill", "its own prompt", mean.prefill, "sum of its chunks, each alone"),
      part("prefillInterference", "others beside its prompt", mean.prefillInterference, "iterations - chunks alone"),
      ...some("handOver", "waiting between replicas", mean.handOverFirst, "decode replica's work - prompt - transfer"),
      ...some("transfer", "blocks to the decode replica", mean.transferFirst, "latency + bytes / shared rate"),
      ...some("firstIteration", "first iteration there", mean.firstIteration, "the prompt's last token again"),
      part("leaving", "way back", mean.leaving, "detokenising and streaming"),
    ]),
    sumOf({ name: "furtherTokens", label: "the other tokens" }, [
      ...some("handOver", "waiting between replicas", mean.handOver, "decode replica's work - prompt - transfer"),
      ...some("transfer", "blocks to the decode replica", mean.transfer, "latency + bytes / shared rate"),
      part("decode", "decoding", mean.decode, "iterations without prompts beside them"),
      ...some("drafting", "drafting", mean.drafting, "passes of the drafter in those iterations"),
      part("decodeInterference", "prompts beside decoding", mean.decodeInterference, "iterations - decoding alone"),
      ...some("delivery", "tokens waiting to be sent", mean.delivery, "last token's way back - first token's"),
      part("stalls", "preemption and waiting", mean.stalls, "last token - first token - iterations"),
    ]),
  ]);
}

/** Differences of large times below this are rounding. */
const negligible: Seconds = 1e-12;
