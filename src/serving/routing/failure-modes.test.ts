/**
 * Failures that users of public routers reported: each either does not happen here, or is shown to happen, because the
 * policy that is modelled has it.
 */

import { describe, expect, it } from "vitest";
import { qwen32b, runToyFleet, type ToyRequest } from "../../../test/routing/fleet.ts";
import { BookedFleet, contextOf, indexOf, requestOf, viewOf, viewsOf } from "../../../test/routing/views.ts";
import { RandomStream } from "../../base/random.ts";
import { type Given, routingPolicy } from "./index.ts";

const options = { ...qwen32b, replicas: 8, chunkTokens: 600, concurrency: Number.POSITIVE_INFINITY };

/** Requests that share a system prompt of 6,000 tokens and nothing else: more than one replica can compute. */
function sharedSystemPrompt(rate: number): ToyRequest[] {
  const draw = new RandomStream(1, "arrivals");
  const chunks = Array.from({ length: 10 }, (_, at) => at);
  let at = 0;
  return Array.from({ length: 800 }, (_, id) => {
    at += draw.exponential(1 / rate);
    return { at, tokens: 7200, output: 100, chunks: Int32Array.from([...chunks, 1000 + 2 * id, 1001 + 2 * id]) };
  });
}

function largestShare(name: string, requests: readonly ToyRequest[], given: Given = {}): number {
  const make = (index: Parameters<Parameters<typeof runToyFleet>[2]>[0]) =>
    routingPolicy(name, given, { ...contextOf(), index });
  const { replica } = runToyFleet(requests, options, make);
  const counts = new Array<number>(options.replicas).fill(0);
  for (const one of replica) counts[one] = (counts[one] ?? 0) + 1;
  return Math.max(...counts) / replica.length;
}

describe("all traffic to one worker under a shared system prompt", () => {
  // One replica computes 15,928 tokens a second: 13 of these tails.
  const requests = sharedSystemPrompt(60);

  it.each([
    ["kv-aware", {}],
    ["kv-aware", { index: "routed" }],
    ["dynamo", {}],
    ["dynamo", { index: "routed" }],
    ["sglang-cache-aware", {}],
    ["sglang-cache-aware-launcher", {}],
    ["aibrix-prefix", {}],
    ["consistent-hash", {}],
    ["production-stack-loadaware", {}],
  ] as const)("does not happen with %s %o", (name, given) => {
    expect(largestShare(name, requests, given)).toBeLessThan(0.35);
  });

  it("happens where load is ignored: prefix tries and look-ups of caches", () => {
    expect(largestShare("production-stack-prefix", requests)).toBe(1);
    expect(largestShare("production-stack-kv", requests)).toBeGreaterThan(0.95);
  });

  it("happens with the highest of weighted scores: a match spread to 0 and 1 outweighs queues", () => {
    expect(largestShare("llm-d-weighted", requests)).toBeGreaterThan(0.5);
    expect(largestShare("llm-d-weighted", requests, { prefix: 1 })).toBeLessThan(0.35);
  });

  it("happens with stickiness until 18 s of prefill have piled up", () => {
    // Only 4,096 tokens of a prompt are looked at, so half of each counts as uncached: 80 requests are the 18 s.
    const sticky = (count: number, given: Given = {}): number =>
      largestShare("llm-d-sticky", requests.slice(0, count), { exploration: 0, ...given });
    expect(sticky(75)).toBe(1);
    expect(sticky(75, { penalty: 0.5 })).toBeLessThan(0.35);
    expect(sticky(800)).toBeLessThan(0.35);
  });
});

describe("routers that follow one another", () => {
  /** Four routers with books of their own and metrics that none of them moves, each sending fifty. */
  function crowd(name: string, given: Given = {}): number {
    const counts = new Array<number>(8).fill(0);
    const fleets = [1, 2, 3, 4].map((seed) => {
      const views = viewsOf(8).map((view) => ({ ...view, running: 5 + ((3 * view.index) % 8), waiting: 0 }));
      return new BookedFleet(routingPolicy(name, given, contextOf(seed)), views, "frozen");
    });
    for (let id = 0; id < 50; id++) {
      for (const fleet of fleets) {
        const chosen = fleet.send(requestOf(id, { chunks: [id] }), 0.01);
        counts[chosen] = (counts[chosen] ?? 0) + 1;
      }
    }
    return Math.max(...counts) / (200 / 8);
  }

  it("crowd one replica between two scrapes where metrics alone decide", () => {
    expect(crowd("least-loaded", { load: "scraped-requests" })).toBe(8);
    expect(crowd("llm-d-weighted", { prefix: 0, queue: 0, kv: 0, running: 1 })).toBe(8);
  });

  it("do not where their own books, or chance, take part", () => {
    for (const name of ["kv-aware", "power-of-two", "least-loaded", "dynamo", "llm-d-sticky", "random"]) {
      expect(crowd(name), name).toBeLessThan(1.6);
    }
  });
});

describe("signals that are lost", () => {
  it("leave kv-aware with its own books: the worst of old metrics keeps nobody away for ever", () => {
    const policy = routingPolicy("kv-aware", {}, contextOf());
    const views = [viewOf(0, { cacheUsage: 1, waiting: 500, running: 256 }), viewOf(1)];
    const fleet = new BookedFleet(policy, views, "frozen");
    const homes = Array.from({ length: 40 }, (_, id) => fleet.send(requestOf(id, { tokens: 1000 }), 60 + id));
    expect(homes.filter((home) => home === 0).length).toBeGreaterThan(12);
  });

  it("memory of sessions follows those that are alive", () => {
    const policy = routingPolicy("session-affinity", { idle: 10 }, contextOf(1, indexOf()));
    const fleet = new BookedFleet(policy, viewsOf(4));
    const home = fleet.send(requestOf(0, { session: 1 }), 0);
    for (const at of [9, 18, 27]) expect(fleet.send(requestOf(at, { session: 1 }), at)).toBe(home);
    fleet.view(home).inFlight += 50;
    expect(fleet.send(requestOf(99, { session: 1 }), 38)).not.toBe(home);
  });
});
