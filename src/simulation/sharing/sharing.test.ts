import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulation } from "../simulation.ts";
import { type SharedPath, Sharing } from "./sharing.ts";

const pathOf = (...resources: number[]): SharedPath => ({ resources: Int32Array.from(resources) });

describe("flows over time", () => {
  it("share a link until one ends, then the other has it alone", () => {
    const clock = new Simulation();
    const sharing = new Sharing(clock, Float64Array.of(10));
    const ends: number[] = [];
    for (const size of [10, 30]) sharing.start({ path: pathOf(0), size, done: () => ends.push(clock.now()) });
    clock.run();
    // Both at 5 until 2 s; then 20 left at 10.
    expect(ends).toEqual([2, 4]);
    expect(sharing.carried(0)).toBe(40);
  });

  it("start later, stop while a link is down, and go on when it is back", () => {
    const clock = new Simulation();
    const sharing = new Sharing(clock, Float64Array.of(10, 10));
    const ends: number[] = [];
    sharing.start({ path: pathOf(0, 1), size: 20, done: () => ends.push(clock.now()) });
    clock.at(1, () => sharing.setCapacity(1, 0), "decide");
    clock.at(4, () => sharing.setCapacity(1, 5), "decide");
    clock.run();
    expect(ends).toEqual([6]);
  });

  it("are cancelled with what they had left", () => {
    const clock = new Simulation();
    const sharing = new Sharing(clock, Float64Array.of(4));
    const handle = sharing.start({ path: pathOf(0), size: 100, done: () => expect.unreachable() });
    clock.run(5);
    expect(sharing.cancel(handle)).toBe(80);
    expect(sharing.flowCount).toBe(0);
    clock.run();
    expect(sharing.carried(0)).toBe(20);
  });

  it("leave others alone that share nothing with what changed", () => {
    const clock = new Simulation();
    const sharing = new Sharing(clock, Float64Array.of(1, 1));
    sharing.start({ path: pathOf(0), size: 10, done: () => {} });
    clock.run(1);
    const before = sharing.solveCount;
    sharing.start({ path: pathOf(1), size: 1, done: () => {} });
    clock.run(1);
    expect(sharing.solveCount).toBe(before + 1);
  });

  it("may gather changes for a while: nobody is early, and nothing is given more than it has", () => {
    const flow = fc.record({
      start: fc.nat(50),
      size: fc.integer({ min: 1, max: 40 }),
      path: fc.constantFrom(0, 1, 2),
    });
    const ways = [pathOf(0), pathOf(1), pathOf(0, 1)];
    fc.assert(
      fc.property(
        fc.array(flow, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (flows, each) => {
          const run = (pause?: () => number): { readonly ends: number[]; readonly solved: number } => {
            const clock = new Simulation();
            const sharing = new Sharing(clock, Float64Array.of(10, 20), pause);
            const ends: number[] = flows.map(() => Number.NaN);
            for (const [index, { start, size, path }] of flows.entries()) {
              const done = (): void => {
                ends[index] = clock.now();
              };
              clock.at(start, () => sharing.start({ path: ways[path]!, size, done }), "arrive");
            }
            let [at, before] = [0, 0];
            while (clock.step()) {
              const carried = sharing.carried(0);
              expect(carried - before).toBeLessThanOrEqual(10 * (clock.now() - at) + 1e-9);
              [at, before] = [clock.now(), carried];
            }
            return { ends, solved: sharing.solveCount };
          };
          const [exact, held] = [run(), run(() => each)];
          expect(held.solved).toBeLessThanOrEqual(2 * flows.length + 1);
          // All has come when the exact run would have ended, and one pause for each change of rates.
          expect(Math.max(...held.ends)).toBeLessThanOrEqual(Math.max(...exact.ends) + 2 * flows.length * each + 1e-9);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("look up what was solved before", () => {
    const clock = new Simulation();
    const sharing = new Sharing(clock, Float64Array.of(1, 1));
    const [one, two] = [pathOf(0), pathOf(0, 1)];
    let rounds = 0;
    const round = (): void => {
      if (rounds++ === 50) return;
      let open = 2;
      const done = (): void => {
        open--;
        if (open === 0) round();
      };
      sharing.start({ path: one, size: 1, done });
      sharing.start({ path: two, size: 1, done });
    };
    round();
    clock.run();
    expect(clock.now()).toBe(100);
    expect(sharing.solveCount).toBeLessThanOrEqual(2);
  });

  const scenarios = fc.record({
    capacity: fc.array(fc.double({ min: 0.5, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 }),
    flows: fc.array(
      fc.record({
        resources: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
        size: fc.double({ min: 0, max: 50, noNaN: true }),
        at: fc.double({ min: 0, max: 10, noNaN: true }),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  });

  it("carry everything once, and no link more than its capacity allows", () => {
    fc.assert(
      fc.property(scenarios, ({ capacity, flows }) => {
        const clock = new Simulation();
        const sharing = new Sharing(clock, Float64Array.from(capacity));
        let ended = 0;
        for (const { resources, size, at } of flows) {
          const done = (): void => {
            ended++;
          };
          clock.at(at, () => sharing.start({ path: pathOf(...resources), size, done }), "arrive");
        }
        clock.run();
        expect(ended).toBe(flows.length);
        capacity.forEach((rate, resource) => {
          const asked = flows.filter(({ resources }) => resources.includes(resource));
          const total = asked.reduce((sum, { size }) => sum + size, 0);
          expect(Math.abs(sharing.carried(resource) - total)).toBeLessThan(1e-9 * (1 + total));
          expect(total).toBeLessThanOrEqual(rate * clock.now() * (1 + 1e-9) + 1e-9);
        });
      }),
    );
  });
});
