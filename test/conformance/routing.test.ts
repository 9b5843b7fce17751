/**
 * Every routing policy under the same demands: what it may choose, what it may know, that it survives what happens to
 * fleets. A new entry of the registry is tested without a line here.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { sources } from "../../src/catalog/sources/index.ts";
import { type IncomingRequest, routingPolicies, routingPolicy } from "../../src/serving/routing/index.ts";
import { valuesOf } from "../../src/serving/routing/parameter.ts";
import { BookedFleet, contextOf, indexOf, requestOf, viewOf, viewsOf } from "../routing/views.ts";

/** What a router is told; a length of the answer is not among it. */
const known = ["id", "tokens", "chunkTokens", "chunks", "session", "adapter", "priority", "className"] as const;
type Unknown = Exclude<keyof IncomingRequest, (typeof known)[number]>;
const nothingElse: Unknown extends never ? true : false = true;

/** Every policy as it comes, and every word that it can be told. */
const cases = routingPolicies.entries.flatMap((entry) => {
  const told = Object.entries(entry.parameters).flatMap(([name, parameter]) =>
    parameter.kind === "choice" ? parameter.words.map((word) => ({ [name]: word })) : [],
  );
  return [{}, ...told].map((given) => ({ entry, given, label: `${entry.name} ${JSON.stringify(given)}` }));
});

/** A life of a fleet: requests that share beginnings and sessions, answers, ends, losses and returns, by a seed. */
function live(name: string, given: Readonly<Record<string, string>>, seed: number, check = (): void => {}): string {
  const draw = new RandomStream(seed, "life");
  const index = indexOf({ 0: [1, 2, 3], 2: [1, 2], 5: [7, 8, 9] });
  const fleet = new BookedFleet(routingPolicy(name, given, contextOf(seed, index)), viewsOf(6));
  const log: number[] = [];
  for (let id = 0; id < 300; id++) {
    const now = id * 0.1;
    const start = draw.choice([1, 7, 100 + id]);
    const chunks = Array.from({ length: draw.integer(12) }, (_, at) => (at < 3 ? start + at : 1000 * id + at));
    const request = requestOf(id, { chunks, session: draw.integer(10) - 1, tokens: 1 + chunks.length * 16 });
    const chosen = fleet.send(request, now);
    log.push(chosen);
    if (chosen >= 0) expect(fleet.views.find((view) => view.index === chosen)?.ready, `${name} at ${id}`).toBe(true);
    else expect(routingPolicies.get(name).holds).toBe("when-busy");
    for (const open of fleet.openIds) {
      if (draw.uniform() < 0.2) fleet.answer(open, now);
      if (draw.uniform() < 0.1) fleet.end(open, now);
    }
    if (draw.uniform() < 0.03) fleet.lose(draw.integer(5), now);
    if (draw.uniform() < 0.05) for (const view of fleet.views) view.ready = true;
    check();
  }
  for (const open of fleet.openIds) fleet.end(open, 30);
  return log.join();
}

describe.each(cases)("the routing policy $label", ({ entry, given }) => {
  const make = (seed = 1, index = indexOf()) => routingPolicy(entry.name, given, contextOf(seed, index));

  it("chooses ready replicas only, through answers, time-outs, losses and returns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        live(entry.name, given, seed);
      }),
      { numRuns: 10 },
    );
  });

  it("decides alike with the same seed", () => {
    for (const seed of [1, 2]) expect(live(entry.name, given, seed)).toBe(live(entry.name, given, seed));
  });

  it("reads nothing of a request but what a router is told", () => {
    expect(nothingElse).toBe(true);
    const policy = make();
    const allowed = new Set<PropertyKey>(known);
    for (let id = 0; id < 20; id++) {
      const told = new Proxy(requestOf(id, { chunks: [1, 2, id], session: id % 3 }), {
        get(request, key) {
          if (!allowed.has(key)) throw new Error(`read ${String(key)}`);
          return request[key as keyof IncomingRequest];
        },
      });
      const chosen = policy.choose(told, viewsOf(3), id);
      policy.onFirstToken?.(told, chosen, id);
      policy.onEnd?.(told, chosen, id);
    }
  });

  it("handles one replica, prompts without chunks, and replicas with any index", () => {
    expect(make().choose(requestOf(0), [viewOf(0)], 0)).toBe(0);
    const views = [viewOf(3), viewOf(40, { ready: false }), viewOf(77)];
    const policy = make();
    const fleet = new BookedFleet(policy, views);
    for (let id = 0; id < 50; id++) expect([3, 77]).toContain(fleet.send(requestOf(id, { chunks: [1, 2, id] }), id));
    fleet.views.push(viewOf(130));
    fleet.lose(3, 51);
    fleet.lose(77, 51);
    expect(fleet.send(requestOf(99, { chunks: [1, 2] }), 52)).toBe(130);
  });

  it("hooks for requests that it never sent change nothing", () => {
    const policy = make();
    policy.onFirstToken?.(requestOf(5), 0, 1);
    policy.onEnd?.(requestOf(5), 0, 1);
    policy.onReset?.(9, 1);
    expect(policy.choose(requestOf(6), [viewOf(2)], 2)).toBe(2);
  });
});

describe.each(routingPolicies.entries.filter(({ spread }) => spread === "even"))(
  "the routing policy $name",
  (entry) => {
    it("shares requests that have nothing in common evenly, also after a busy life", () => {
      for (const before of [0, 400]) {
        const fleet = new BookedFleet(routingPolicy(entry.name, {}, contextOf(3)), viewsOf(8));
        for (let id = 0; id < before; id++) {
          fleet.send(requestOf(id, { chunks: [1, 2, 3, id + 10] }), id * 0.01);
          if (id % 3 !== 0) fleet.answer(id, id * 0.01);
        }
        for (const id of fleet.openIds) fleet.end(id, 10);
        expect(fleet.views.every((view) => view.inFlight === 0 && view.inFlightTokens === 0)).toBe(true);
        const counts = new Array<number>(8).fill(0);
        for (let id = 1000; id < 1800; id++) {
          const chosen = fleet.send(requestOf(id, { chunks: [id * 10, id * 10 + 1] }), 20 + id * 0.001);
          counts[chosen] = (counts[chosen] ?? 0) + 1;
        }
        // Five standard deviations of 800 independent draws.
        expect(Math.min(...counts), `${counts} after ${before}`).toBeGreaterThan(53);
        expect(Math.max(...counts), `${counts} after ${before}`).toBeLessThan(147);
      }
    });
  },
);

describe.each(cases.filter(({ entry }) => entry.spread === "even"))("the routing policy $label", ({ entry, given }) => {
  it("believes nothing of a replica that was lost: prompts that it had go anywhere again", () => {
    let back = 0;
    for (let seed = 0; seed < 40; seed++) {
      const home = seed % 4;
      const policy = routingPolicy(entry.name, given, contextOf(seed));
      const fleet = new BookedFleet(
        policy,
        viewsOf(4).map((view) => ({ ...view, ready: view.index === home })),
      );
      for (let id = 0; id < 5; id++) fleet.send(requestOf(id, { chunks: [1, 2, 3, 4, 5, 6] }), id);
      for (let id = 0; id < 4; id++) fleet.answer(id, 5);
      fleet.end(0, 6);
      fleet.lose(home, 7);
      for (const view of fleet.views) view.ready = true;
      if (fleet.send(requestOf(9, { chunks: [1, 2, 3, 4, 5, 6] }), 100) === home) back++;
    }
    // A quarter by chance, of 40 draws; what was believed would bring all of them back.
    expect(back).toBeLessThan(24);
  });
});

describe("the registry of routing policies", () => {
  it("states what people need to know of each", () => {
    for (const entry of routingPolicies.entries) {
      expect(entry.summary, entry.name).toMatch(/^[A-Z].*\.$|^[a-zA-Z].*\.$/);
      for (const key of entry.sources) expect(Object.keys(sources), entry.name).toContain(key);
      for (const [name, parameter] of Object.entries(entry.parameters)) {
        expect(parameter.description.length, `${entry.name}.${name}`).toBeGreaterThan(10);
      }
      // Every default keeps to its own limits.
      const defaults = valuesOf(entry.parameters);
      expect(valuesOf(entry.parameters, defaults)).toEqual(defaults);
    }
  });

  it("refuses unknown parameters, words and numbers beyond limits", () => {
    expect(() => routingPolicy("dynamo", { overlap: 1 }, contextOf())).toThrow('unknown parameter "overlap"');
    expect(() => routingPolicy("dynamo", { index: "guess" }, contextOf())).toThrow("events or routed");
    expect(() => routingPolicy("dynamo", { overlapCredit: 1.5 }, contextOf())).toThrow("at most 1");
    expect(() => routingPolicy("dynamo", { lifetime: 0 }, contextOf())).toThrow("more than 0");
    expect(() => routingPolicy("least-loaded", { load: 3 }, contextOf())).toThrow("requests or");
    expect(() => routingPolicy("kv-awar", {}, contextOf())).toThrow('did you mean "kv-aware"');
  });
});
