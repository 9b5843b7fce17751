import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairRates, type SharedPaths } from "./fair-rates.ts";

interface Net {
  readonly capacity: readonly number[];
  readonly flows: readonly { readonly path: readonly number[]; readonly weight: number; readonly cap: number }[];
}

function problemOf({ capacity, flows }: Net): SharedPaths {
  const offsets = new Int32Array(flows.length + 1);
  flows.forEach(({ path }, flow) => {
    offsets[flow + 1] = offsets[flow]! + path.length;
  });
  return {
    capacity: Float64Array.from(capacity),
    offsets,
    paths: Int32Array.from(flows.flatMap(({ path }) => path)),
    weight: Float64Array.from(flows.map(({ weight }) => weight)),
    cap: Float64Array.from(flows.map(({ cap }) => cap)),
  };
}

const nets: fc.Arbitrary<Net> = fc.integer({ min: 1, max: 12 }).chain((resources) =>
  fc.record({
    capacity: fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: resources, maxLength: resources }),
    flows: fc.array(
      fc.record({
        path: fc.uniqueArray(fc.integer({ min: 0, max: resources - 1 }), { minLength: 1, maxLength: 5 }),
        weight: fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 10, noNaN: true })),
        cap: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: 0.01, max: 50, noNaN: true })),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  }),
);

const close = 1e-9;

/** Load of each resource under the rates. */
function loads({ capacity, flows }: Net, rates: Float64Array): number[] {
  const load = capacity.map(() => 0);
  flows.forEach(({ path }, flow) => {
    for (const resource of path) load[resource]! += rates[flow]!;
  });
  return load;
}

describe("max-min fair rates", () => {
  it("are fair: each flow is at its cap, or has a full resource on which nobody has a higher level", () => {
    fc.assert(
      fc.property(nets, (net) => {
        const rates = fairRates(problemOf(net));
        const load = loads(net, rates);
        net.flows.forEach(({ path, weight, cap }, flow) => {
          const level = rates[flow]! / weight;
          const capped = rates[flow]! >= cap * (1 - close);
          const bottleneck = path.some(
            (resource) =>
              load[resource]! >= net.capacity[resource]! * (1 - close) &&
              net.flows.every(
                (other, index) => !other.path.includes(resource) || rates[index]! / other.weight <= level * (1 + close),
              ),
          );
          expect(capped || bottleneck).toBe(true);
        });
      }),
    );
  });

  it("never use more than there is", () => {
    fc.assert(
      fc.property(nets, (net) => {
        const rates = fairRates(problemOf(net));
        loads(net, rates).forEach((load, resource) => {
          expect(load).toBeLessThanOrEqual(net.capacity[resource]! * (1 + close));
        });
        net.flows.forEach(({ cap }, flow) => {
          expect(rates[flow]!).toBeLessThanOrEqual(cap);
        });
      }),
    );
  });

  it("do not depend on the order of flows or resources", () => {
    fc.assert(
      fc.property(nets, (net) => {
        const flows = [...net.flows].reverse();
        const count = net.capacity.length;
        const renamed = {
          capacity: [...net.capacity].reverse(),
          flows: flows.map((flow) => ({ ...flow, path: flow.path.map((resource) => count - 1 - resource) })),
        };
        const rates = fairRates(problemOf(net));
        const again = fairRates(problemOf(renamed)).reverse();
        rates.forEach((rate, flow) => {
          expect(Math.abs(again[flow]! - rate)).toBeLessThanOrEqual(close * rate);
        });
      }),
    );
  });

  it("raise the lowest level when a resource grows", () => {
    fc.assert(
      fc.property(nets, fc.integer({ min: 0, max: 11 }), (net, grown) => {
        const uncapped = { ...net, flows: net.flows.map((flow) => ({ ...flow, cap: Number.POSITIVE_INFINITY })) };
        const capacity = net.capacity.map((value, resource) => (resource === grown ? 2 * value : value));
        const lowest = (rates: Float64Array): number =>
          Math.min(...uncapped.flows.map(({ weight }, flow) => rates[flow]! / weight));
        const before = lowest(fairRates(problemOf(uncapped)));
        expect(lowest(fairRates(problemOf({ ...uncapped, capacity })))).toBeGreaterThanOrEqual(before * (1 - close));
      }),
    );
  });

  it("give a class of equal flows what its members get together", () => {
    fc.assert(
      fc.property(nets, fc.integer({ min: 2, max: 5 }), (net, members) => {
        const [first, ...rest] = net.flows;
        if (first === undefined) return;
        const single = { ...net, flows: [...new Array(members).fill(first), ...rest] };
        const grouped = { ...first, weight: members * first.weight, cap: members * first.cap };
        const apart = fairRates(problemOf(single));
        const together = fairRates(problemOf({ ...net, flows: [grouped, ...rest] }));
        expect(Math.abs(together[0]! / (members * apart[0]!) - 1)).toBeLessThan(close);
        rest.forEach((_, index) => {
          expect(Math.abs(together[index + 1]! / apart[members + index]! - 1)).toBeLessThan(close);
        });
      }),
    );
  });

  it("solve the textbook line: one long flow against one short flow a link", () => {
    const net = {
      capacity: [1, 1, 2],
      flows: [[0, 1, 2], [0], [1], [2]].map((path) => ({ path, weight: 1, cap: Number.POSITIVE_INFINITY })),
    };
    expect([...fairRates(problemOf(net))]).toEqual([0.5, 0.5, 0.5, 1.5]);
  });

  it("hold a pattern that moves in step to its slowest part", () => {
    // A message over two queue pairs, half on each; one of them meets another flow.
    const rates = fairRates({
      capacity: Float64Array.of(1, 1),
      offsets: Int32Array.of(0, 2, 3),
      paths: Int32Array.of(0, 1, 1),
      use: Float64Array.of(0.5, 0.5, 1),
    });
    expect(rates[0]).toBeCloseTo(2 / 3, 12);
    expect(rates[1]).toBeCloseTo(2 / 3, 12);
  });

  it("count a resource as often as it stands in a path", () => {
    const problem = { capacity: Float64Array.of(6), offsets: Int32Array.of(0, 2, 3), paths: Int32Array.of(0, 0, 0) };
    expect([...fairRates(problem)]).toEqual([2, 2]);
  });

  it("stop flows over a dead resource and let free ones run", () => {
    const net = {
      capacity: [0, 4],
      flows: [[0, 1], [1], []].map((path) => ({ path, weight: 1, cap: Number.POSITIVE_INFINITY })),
    };
    expect([...fairRates(problemOf(net))]).toEqual([0, 4, Number.POSITIVE_INFINITY]);
  });
});
