/**
 * Sessions of coding agents (kv-cache-tester): one session a line, requests that wait for the answer before and then for
 * the client's think time, sub-agents that run between two requests of their session.
 *
 * Sessions have no common clock: `starts` says when they begin. Ids are local to a session and become global here; what
 * sessions have in common (tools, system prompt) the trace does not tell, so nothing is shared between them.
 * A sub-agent's `t` is when it ended: `t` less its duration falls within a second behind the answer before it in 61 of
 * 63. One without a duration was let go at `t`, and nobody waits for it. A think time is the time from the answer before
 * to the request; where it is missing, it is taken from those two times.
 * Ignores: which model a request asked (all go to one), service times, what of an answer the next prompt repeats
 * (ids end with the prompt).
 * @source kv-cache-tester
 */

import type { Seconds } from "../../../base/quantity.ts";
import { random } from "../../../base/random.ts";
import { Arrivals } from "../arrival.ts";
import { coarsen } from "./chained.ts";
import type { ReadOptions, RequestFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { eachLine, jsonObject } from "./lines.ts";
import { chunkFactor } from "./mooncake.ts";

const milliseconds = 1e3;
const ownBlock = 64;

export const agentic: RequestFormat = {
  name: "agentic-sessions",
  summary: "Sessions of coding agents as JSON lines: think times, sub-agents, ids of 64-token blocks",
  times: "starts",
  detect: (beginning) => /"hash_id_scope"/.test(beginning) && /"hash_runs"/.test(beginning),
  read: (files, intake, options) => {
    if (options.starts === undefined) {
      intake.fail("sessions have no common clock", "say by which law and at what rate they start");
      return;
    }
    const reader = new AgenticReader(intake, options);
    let sessions = 0;
    for (const { name, text } of files) {
      eachLine(text, (line, number) => {
        intake.at(name, number);
        if (sessions >= options.limit) return "stop";
        sessions += reader.session(line);
        return undefined;
      });
    }
  },
};

interface AgentRequest {
  readonly t: Seconds;
  readonly type: "n" | "s";
  readonly in: number;
  readonly out: number;
  readonly api_time?: Seconds | null;
  readonly think_time?: Seconds | null;
  readonly hash_runs: readonly number[];
}

interface SubAgent {
  readonly t: Seconds;
  readonly type: "subagent";
  readonly duration_ms?: number | null;
  readonly requests: readonly (AgentRequest | SubAgent)[];
}

/** A row that others may wait for, and when it ended in the recording. */
interface Ended {
  readonly row: number;
  readonly end: Seconds;
}

class AgenticReader {
  private readonly starts: Arrivals;
  private readonly factor: number;
  private readonly intake: Intake;
  private readonly pauseMax: Seconds;
  private sessions = 0;
  /** First id that no session has. */
  private idBase = 0;
  private idTop = 0;
  private buffer = new Int32Array(4096);

  constructor(intake: Intake, options: ReadOptions) {
    const { seed, pauseMax, starts } = options;
    this.intake = intake;
    this.pauseMax = pauseMax;
    this.factor = chunkFactor(options, ownBlock, intake);
    const stages = starts === undefined ? [] : [{ rate: starts.rate, duration: Number.POSITIVE_INFINITY }];
    this.starts = new Arrivals(starts?.law ?? { kind: "poisson" }, stages, random(seed).stream("workload/starts"));
    intake.begin({ chunkTokens: ownBlock * this.factor });
  }

  /** Read one session; returns how many were read, 0 or 1. */
  session(line: string): 0 | 1 {
    const session = jsonObject(line);
    const wrong = session === undefined ? "expected a JSON object" : problemOf(session);
    if (session === undefined || wrong !== undefined) {
      this.intake.reject(wrong ?? "expected a JSON object", "a session has block_size 64 and a list of requests");
      return 0;
    }
    this.idBase += this.idTop;
    this.idTop = 0;
    this.chain(session.requests as readonly (AgentRequest | SubAgent)[], { release: this.starts.next(), parents: [] });
    this.sessions += 1;
    return 1;
  }

  /** Requests one after the other, sub-agents in between; returns the last, undefined when there was none. */
  private chain(
    requests: readonly (AgentRequest | SubAgent)[],
    first: { release: Seconds; parents: readonly number[] },
  ): Ended | undefined {
    let before: Ended | undefined;
    let agents: Ended[] = [];
    for (const request of requests) {
      if (request.type === "subagent") {
        const end = this.subAgent(request, before, agents, first);
        if (end !== undefined) agents.push(end);
        continue;
      }
      const waited = before === undefined ? agents : [before, ...agents];
      const start =
        waited.length === 0
          ? first
          : {
              // Behind sub-agents the recorded think time holds their run too; what is left of it is the client's own.
              release: this.pause((agents.length === 0 ? request.think_time : undefined) ?? request.t - latest(waited)),
              parents: waited.map(({ row }) => row),
            };
      const row = this.request(request, start);
      if (row < 0) continue;
      before = { row, end: request.t + (request.api_time ?? 0) };
      agents = [];
    }
    return before ?? agents[agents.length - 1];
  }

  private subAgent(
    agent: SubAgent,
    before: Ended | undefined,
    agents: readonly Ended[],
    first: { release: Seconds; parents: readonly number[] },
  ): Ended | undefined {
    const duration = agent.duration_ms ?? undefined;
    const start = agent.t - (duration ?? 0) / milliseconds;
    // One that started after another had ended may have used its answer; those that overlap ran side by side.
    const waited = [...(before === undefined ? [] : [before]), ...agents.filter(({ end }) => end <= start)];
    const own =
      waited.length === 0
        ? first
        : { release: this.pause(start - latest(waited)), parents: waited.map(({ row }) => row) };
    const last = this.chain(agent.requests, own);
    return last === undefined || duration === undefined ? undefined : { row: last.row, end: agent.t };
  }

  private request(request: AgentRequest, start: { release: Seconds; parents: readonly number[] }): number {
    const chunks = coarsen(this.expand(request.hash_runs), this.factor);
    if (request.out === 0) this.intake.note("requests that answered nothing are read with one token of output");
    return this.intake.add({
      ...start,
      input: request.in,
      output: Math.max(request.out, 1),
      ids: chunks,
      covered: chunks.length * ownBlock * this.factor,
      session: this.sessions,
    });
  }

  /** [start, length, ...] written out, beyond the ids of the sessions before. */
  private expand(runs: readonly number[]): Int32Array {
    let count = 0;
    for (let at = 0; at + 1 < runs.length; at += 2) count += runs[at + 1] as number;
    if (count > this.buffer.length) this.buffer = new Int32Array(2 * count);
    let place = 0;
    for (let at = 0; at + 1 < runs.length; at += 2) {
      const start = runs[at] as number;
      const length = runs[at + 1] as number;
      this.idTop = Math.max(this.idTop, start + length);
      for (let step = 0; step < length; step++) this.buffer[place++] = this.idBase + start + step;
    }
    return this.buffer.subarray(0, count);
  }

  private pause(recorded: Seconds): Seconds {
    return Math.min(Math.max(recorded, 0), this.pauseMax);
  }
}

function latest(ended: readonly Ended[]): Seconds {
  return Math.max(...ended.map(({ end }) => end));
}

/** What keeps a session from being read. */
function problemOf(session: Readonly<Record<string, unknown>>): string | undefined {
  if (session.block_size !== ownBlock) return `block_size ${String(session.block_size)}: expected ${ownBlock}`;
  if (!Array.isArray(session.requests)) return "requests: expected a list";
  return problemOfRequests(session.requests, "requests");
}

function problemOfRequests(requests: readonly unknown[], path: string): string | undefined {
  for (const [index, entry] of requests.entries()) {
    const where = `${path}[${index}]`;
    if (typeof entry !== "object" || entry === null) return `${where}: expected an object`;
    const request = entry as Record<string, unknown>;
    const agent = request.type === "subagent";
    const needed = agent ? ["t"] : ["t", "in", "out"];
    const optional = agent ? ["duration_ms"] : ["api_time", "think_time"];
    const numbers = [...needed, ...optional.filter((key) => (request[key] ?? undefined) !== undefined)];
    const wrong = numbers.find((key) => typeof request[key] !== "number" || !((request[key] as number) >= 0));
    if (wrong !== undefined) return `${where}.${wrong}: expected a number of 0 or more`;
    if (agent) {
      if (!Array.isArray(request.requests)) return `${where}.requests: expected a list`;
      const nested = problemOfRequests(request.requests, `${where}.requests`);
      if (nested !== undefined) return nested;
    } else if (!isRuns(request.hash_runs)) return `${where}.hash_runs: expected [start, length, ...]`;
    else if (blocksOf(request.hash_runs) * ownBlock > (request.in as number)) {
      return `${where}: more blocks of ${ownBlock} tokens than its ${String(request.in)} tokens hold`;
    }
  }
  return undefined;
}

function isRuns(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length % 2 === 0 && value.every((entry) => Number.isInteger(entry) && entry >= 0)
  );
}

function blocksOf(runs: readonly number[]): number {
  return runs.reduce((sum, length, at) => sum + (at % 2 === 1 ? length : 0), 0);
}
