import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sharing, Simulation } from "../../simulation/index.ts";
import { KvLinks } from "./links.ts";

describe("links of cached blocks", () => {
  it("take a latency and the bytes at the slowest rate", () => {
    const clock = new Simulation();
    const links = new KvLinks(clock, [100, 40, Number.POSITIVE_INFINITY]);
    const way = links.path([0, 1, 2], 0.5);
    let end = Number.NaN;
    links.send(way, 80, () => {
      end = clock.now();
    });
    expect(links.estimate(way, 80)).toBe(0.5 + 80 / 20);
    clock.run();
    expect(end).toBe(0.5 + 2);
    expect(links.estimate(way, 80)).toBe(2.5);
    expect(links.carried(1)).toBe(80);
  });

  it("never bind where they have no limit", () => {
    const clock = new Simulation();
    const links = new KvLinks(clock, [Number.POSITIVE_INFINITY]);
    let end = Number.NaN;
    links.send(links.path([0], 0), 1e12, () => {
      end = clock.now();
    });
    clock.run();
    expect(end).toBe(0);
  });

  it("end every transfer when plain max-min sharing does", () => {
    const transfer = fc.record({
      at: fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10),
      size: fc.integer({ min: 0, max: 300 }),
      links: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
      latency: fc.constantFrom(0, 0.25),
    });
    fc.assert(
      fc.property(fc.array(transfer, { maxLength: 20 }), (transfers) => {
        const capacities = [100, 70, 50, 30];
        const [one, other] = [new Simulation(), new Simulation()];
        const links = new KvLinks(one, capacities);
        const sharing = new Sharing(other, Float64Array.from(capacities));
        const ends = transfers.map(({ at, size, links: own, latency }) => {
          const end = { quick: Number.NaN, plain: Number.NaN };
          const note = (): void => {
            end.quick = one.now();
          };
          one.at(at, () => links.send(links.path(own, latency), size, note), "arrive");
          const done = (): void => {
            end.plain = other.now();
          };
          const path = { resources: Int32Array.from(own) };
          other.at(at + latency, () => sharing.start({ path, size, done }), "arrive");
          return end;
        });
        one.run();
        other.run();
        for (const { quick, plain } of ends) expect(quick).toBeCloseTo(plain, 8);
      }),
    );
  });
});
