import * as oracle from "simple-statistics";
import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { Arrivals, logGamma, unitGaps, weibullShape } from "./arrival.ts";
import { generateRequests } from "./generate.ts";
import { lengthDraw, pauseDraw } from "./length.ts";
import type { RequestList } from "./list.ts";
import type { ArrivalLaw, ClassSpec, LengthLaw, RequestSpec, Stage } from "./spec.ts";

const plain: ClassSpec = {
  name: "chat",
  share: 1,
  priority: 0,
  timeout: Number.POSITIVE_INFINITY,
  input: { kind: "lognormal", median: 600, sigma: 0.7 },
  output: { kind: "exponential", mean: 200 },
  adapters: [],
};

function spec(changes: Partial<RequestSpec> = {}): RequestSpec {
  return {
    seed: 11,
    arrival: { kind: "open", law: { kind: "poisson" }, stages: [{ rate: 10, duration: Number.POSITIVE_INFINITY }] },
    count: 500,
    classes: [plain],
    chunkTokens: 16,
    ...changes,
  };
}

function idsOf(list: RequestList, row: number): number[] {
  return [...list.ids.subarray(list.idStart[row], list.idStart[row + 1])];
}

function parentsOf(list: RequestList, row: number): number[] {
  return [...list.parents.subarray(list.parentStart[row], list.parentStart[row + 1])];
}

function arrivals(law: ArrivalLaw, stages: readonly Stage[], seed = 3): number[] {
  const source = new Arrivals(law, stages, random(seed).stream("workload/arrivals"));
  const times: number[] = [];
  for (let time = source.next(); time < Number.POSITIVE_INFINITY; time = source.next()) times.push(time);
  return times;
}

describe("gaps", () => {
  const laws: readonly [ArrivalLaw, number][] = [
    [{ kind: "poisson" }, 1],
    [{ kind: "constant" }, 0],
    [{ kind: "gamma", cv: 0.5 }, 0.5],
    [{ kind: "gamma", cv: 2.5 }, 2.5],
    [{ kind: "weibull", cv: 0.4 }, 0.4],
    [{ kind: "weibull", cv: 2 }, 2],
    [{ kind: "burst", size: 5 }, 2],
  ];

  it.each(laws)("%o have mean 1 and their cv", (law, cv) => {
    const gap = unitGaps(law);
    const stream = random(5).stream("gaps");
    const drawn = Array.from({ length: 200_000 }, () => gap(stream));
    const mean = oracle.mean(drawn);
    expect(Math.abs(mean - 1)).toBeLessThan((5 * Math.max(cv, 1e-9)) / Math.sqrt(drawn.length) + 1e-12);
    expect(Math.abs(oracle.standardDeviation(drawn) / mean - cv)).toBeLessThan(0.03 * cv + 1e-9);
  });

  it("of Weibull and gamma differ where they should: their medians are the laws' own", () => {
    const median = (law: ArrivalLaw): number => {
      const gap = unitGaps(law);
      const stream = random(5).stream("gaps");
      return oracle.median(Array.from({ length: 100_000 }, () => gap(stream)));
    };
    // Weibull of cv 2: k = 0.5427, scale 1 / G(1 + 1/k); median scale (ln 2)^(1/k). Gamma of shape 1/4: 0.0873 x 1/mean.
    const k = weibullShape(2);
    expect(median({ kind: "weibull", cv: 2 })).toBeCloseTo(Math.exp(-logGamma(1 + 1 / k)) * Math.log(2) ** (1 / k), 2);
    expect(median({ kind: "gamma", cv: 2 })).toBeCloseTo(0.1745, 2);
    expect(weibullShape(1)).toBeCloseTo(1, 9);
  });

  it("stand on a gamma function that meets factorials and the half", () => {
    let factorial = 1;
    for (let n = 1; n < 30; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
  });
});

describe("stages", () => {
  const stages = [
    { rate: 3, duration: 20 },
    { rate: 0, duration: 5 },
    { rate: 0.1, duration: 600 },
    { rate: 40, duration: 2 },
  ];

  it("hold rate x duration requests when evenly spaced, none when idle", () => {
    const times = arrivals({ kind: "constant" }, stages);
    const within = (from: number, to: number): number => times.filter((time) => time >= from && time < to).length;
    expect([within(0, 20), within(20, 25), within(25, 625), within(625, 627)]).toEqual([60, 0, 60, 80]);
    expect(times).toHaveLength(200);
    expect(times[1]).toBeCloseTo(1 / 3, 12);
  });

  it("hold Poisson counts: mean and variance are rate x duration", () => {
    const counts = Array.from({ length: 400 }, (_, seed) => arrivals({ kind: "poisson" }, stages, seed));
    const first = counts.map((times) => times.filter((time) => time < 20).length);
    expect(counts.every((times) => !times.some((time) => time >= 20 && time < 25))).toBe(true);
    expect(Math.abs(oracle.mean(first) - 60)).toBeLessThan(5 * Math.sqrt(60 / 400));
    expect(oracle.variance(first) / 60).toBeGreaterThan(0.7);
    expect(oracle.variance(first) / 60).toBeLessThan(1.3);
  });

  it("come in bursts of one size at one moment", () => {
    const times = arrivals({ kind: "burst", size: 8 }, [{ rate: 4, duration: 10 }]);
    expect(times).toHaveLength(40);
    for (const [index, time] of times.entries()) expect(time).toBeCloseTo(2 * Math.floor(index / 8), 9);
  });

  it("that cannot be are refused", () => {
    expect(() => arrivals({ kind: "poisson" }, [{ rate: -1, duration: 1 }])).toThrow("stage");
    expect(() => unitGaps({ kind: "gamma", cv: -1 })).toThrow("cv -1");
    expect(() => generateRequests(spec({ count: Number.POSITIVE_INFINITY }))).toThrow("without end");
    expect(() => generateRequests(spec({ classes: [plain, plain] }))).toThrow("one name");
  });
});

describe("lengths", () => {
  const mean = (law: LengthLaw): number => {
    const draw = lengthDraw(law);
    const stream = random(9).stream("lengths");
    return oracle.mean(Array.from({ length: 100_000 }, () => draw(stream)));
  };

  it("have the means of their laws", () => {
    expect(mean({ kind: "constant", value: 7 })).toBe(7);
    expect(mean({ kind: "uniform", from: 1, to: 9 })).toBeCloseTo(5, 1);
    expect(Math.abs(mean({ kind: "normal", mean: 500, deviation: 50 }) - 500)).toBeLessThan(1);
    expect(Math.abs(mean({ kind: "lognormal", median: 100, sigma: 0.5 }) / (100 * Math.exp(0.125)) - 1)).toBeLessThan(
      0.01,
    );
    expect(Math.abs(mean({ kind: "exponential", mean: 300 }) / 300 - 1)).toBeLessThan(0.02);
    expect(mean({ kind: "values", values: [10, 20, 30], weights: [1, 0, 3] })).toBeCloseTo(25, 0);
    expect(mean({ kind: "values", values: [10, 20, 30] })).toBeCloseTo(20, 0);
  });

  it("stay within their limits and are whole", () => {
    const draw = lengthDraw({ kind: "normal", mean: 10, deviation: 30, least: 4, most: 25 });
    const stream = random(9).stream("lengths");
    const drawn = Array.from({ length: 5000 }, () => draw(stream));
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([4, 25]);
    expect(drawn.every(Number.isInteger)).toBe(true);
  });

  it("never take a value without weight, first or last", () => {
    const draw = lengthDraw({ kind: "values", values: [1, 2, 3, 4], weights: [0, 1, 1, 0] });
    const stream = random(9).stream("lengths");
    const seen = new Set(Array.from({ length: 5000 }, () => draw(stream)));
    expect([...seen].sort()).toEqual([2, 3]);
  });

  it("of pauses have the mean that was asked", () => {
    const draw = pauseDraw({ law: "lognormal", mean: 12, sigma: 1 });
    const stream = random(9).stream("pauses");
    expect(Math.abs(oracle.mean(Array.from({ length: 200_000 }, () => draw(stream))) / 12 - 1)).toBeLessThan(0.02);
    expect(() => pauseDraw({ law: "lognormal", mean: 12 })).toThrow("sigma");
  });
});

describe("common random numbers", () => {
  const list = generateRequests(spec());

  it("same seed, same list; another seed, another", () => {
    expect(generateRequests(spec())).toEqual(list);
    expect(generateRequests(spec({ seed: 12 })).input).not.toEqual(list.input);
  });

  it("twice the rate halves the times and changes nothing else", () => {
    const open = { kind: "open", law: { kind: "poisson" } } as const;
    const faster = generateRequests(
      spec({ arrival: { ...open, stages: [{ rate: 20, duration: Number.POSITIVE_INFINITY }] } }),
    );
    for (const [row, time] of faster.release.entries()) expect(time).toBeCloseTo((list.release[row] as number) / 2, 9);
    expect({ ...faster, release: [] }).toEqual({ ...list, release: [] });
  });

  it("another output law leaves prompts and arrivals; another arrival law leaves lengths", () => {
    const other = generateRequests(spec({ classes: [{ ...plain, output: { kind: "constant", value: 5 } }] }));
    expect(other.input).toEqual(list.input);
    expect(other.release).toEqual(list.release);
    const bursts = generateRequests(spec({ arrival: { kind: "batch", concurrency: 4 } }));
    expect(bursts.input).toEqual(list.input);
    expect(bursts.output).toEqual(list.output);
    expect(bursts.concurrency).toBe(4);
  });

  it("a longer list begins with the shorter", () => {
    const longer = generateRequests(spec({ count: 900 }));
    expect(longer.release.slice(0, 500)).toEqual(list.release);
    expect(longer.output.slice(0, 500)).toEqual(list.output);
  });
});

describe("classes and adapters", () => {
  it("come in their shares, with their own lengths", () => {
    const classes = [
      { ...plain, name: "short", share: 3, input: { kind: "constant", value: 10 }, adapters: ["a", "b"] },
      { ...plain, name: "long", share: 1, priority: 2, input: { kind: "constant", value: 9000 }, adapters: ["b"] },
    ] as const;
    const list = generateRequests(spec({ classes, count: 20_000 }));
    const short = list.classOf.filter((index) => index === 0).length;
    expect(Math.abs(short / 20_000 - 0.75)).toBeLessThan(0.016);
    expect([...list.input]).toEqual([...list.classOf].map((index) => (index === 0 ? 10 : 9000)));
    expect(list.adapters).toEqual(["a", "b"]);
    const used = [...list.adapter].filter((_, row) => list.classOf[row] === 0);
    expect(Math.abs(oracle.mean(used) - 0.5)).toBeLessThan(0.03);
    expect([...list.adapter].every((adapter, row) => list.classOf[row] === 0 || adapter === 1)).toBe(true);
    expect(list.classes[1]).toEqual({ name: "long", priority: 2, timeout: Number.POSITIVE_INFINITY });
  });
});

describe("users", () => {
  it("each ask one after the other, after thinking", () => {
    const think = { law: "exponential", mean: 2 } as const;
    const list = generateRequests(spec({ arrival: { kind: "users", users: 8, think }, count: 8000 }));
    for (let row = 0; row < list.count; row++) {
      expect(parentsOf(list, row)).toEqual(row < 8 ? [] : [row - 8]);
      if (row < 8) expect(list.release[row]).toBe(0);
    }
    expect(Math.abs(oracle.mean([...list.release.slice(8)]) - 2)).toBeLessThan(0.12);
  });
});

describe("shared prefixes", () => {
  const prefix = { groups: 6, tokens: { kind: "constant", value: 100 }, order: "in-turn" } as const;

  it("are covered exactly, the rest of a prompt is its own", () => {
    const list = generateRequests(spec({ prefix, count: 60 }));
    const groups = new Map<number, number>();
    for (let row = 0; row < list.count; row++) {
      const ids = idsOf(list, row);
      expect(ids).toHaveLength(Math.ceil(100 / 16));
      expect(list.covered[row]).toBe(100);
      expect(list.input[row]).toBeGreaterThan(100);
      groups.set(ids[0] as number, (groups.get(ids[0] as number) ?? 0) + 1);
      if (row >= 6) expect(ids).toEqual(idsOf(list, row - 6));
    }
    expect([...groups.values()]).toEqual(Array.from({ length: 6 }, () => 10));
  });

  it("with prompts that come again keep lengths and share just the prefix between prompts of a group", () => {
    const list = generateRequests(spec({ prefix: { ...prefix, promptsPerGroup: 5 }, count: 90 }));
    for (let row = 30; row < 90; row++) {
      expect(idsOf(list, row)).toEqual(idsOf(list, row - 30));
      expect([list.input[row], list.output[row]]).toEqual([list.input[row - 30], list.output[row - 30]]);
    }
    for (let row = 0; row < 30; row++) {
      expect(list.covered[row]).toBe(list.input[row]);
      for (let other = 0; other < row; other++) {
        const mine = idsOf(list, row);
        const theirs = idsOf(list, other);
        const shared = mine.findIndex((id, at) => id !== theirs[at]);
        // Six whole chunks of 16 in 100 tokens, or nothing; equal ids always have equal ones before them.
        expect([0, 6]).toContain(shared);
        expect(mine.slice(shared).some((id) => theirs.includes(id))).toBe(false);
      }
    }
    expect(new Set(Array.from({ length: 30 }, (_, row) => idsOf(list, row)[0])).size).toBe(6);
  });

  it("taken at random come evenly in the long run", () => {
    const list = generateRequests(spec({ prefix: { ...prefix, order: "random" }, count: 12_000 }));
    const counts = new Map<number, number>();
    for (let row = 0; row < list.count; row++) {
      const id = idsOf(list, row)[0] as number;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(2000));
  });
});

describe("sessions", () => {
  const session = {
    turns: { kind: "uniform", from: 1, to: 6 },
    input: { kind: "constant", value: 50 },
    pause: { law: "exponential", mean: 4 },
  } as const;
  const list = generateRequests(spec({ session, count: 300 }));

  it("repeat every prompt and output in the next turn's prompt", () => {
    let turns = 0;
    for (let row = 1; row < list.count; row++) {
      if (list.session[row] !== list.session[row - 1]) continue;
      turns += 1;
      expect(parentsOf(list, row)).toEqual([row - 1]);
      const before = (list.input[row - 1] as number) + (list.output[row - 1] as number);
      expect(list.input[row]).toBe(before + 50);
      expect(list.covered[row - 1]).toBe(before);
      const ids = idsOf(list, row);
      expect(idsOf(list, row - 1)).toEqual(ids.slice(0, Math.ceil(before / 16)));
      expect(ids.length * 16).toBeGreaterThanOrEqual(list.covered[row] as number);
    }
    expect(turns).toBe(list.count - 300);
    expect(turns / 300).toBeGreaterThan(2.1);
    expect(turns / 300).toBeLessThan(2.9);
  });

  it("share nothing with each other, and begin as roots in order", () => {
    const owner = new Map<number, number>();
    let last = 0;
    let shared = 0;
    for (let row = 0; row < list.count; row++) {
      for (const id of idsOf(list, row)) {
        shared += (owner.get(id) ?? list.session[row]) === list.session[row] ? 0 : 1;
        owner.set(id, list.session[row] as number);
      }
      if (parentsOf(list, row).length > 0) continue;
      expect(list.release[row]).toBeGreaterThanOrEqual(last);
      last = list.release[row] as number;
    }
    expect(shared).toBe(0);
  });

  it("of users follow one another, behind a prefix in common where there is one", () => {
    const prefix = { groups: 1, tokens: { kind: "constant", value: 64 }, order: "in-turn" } as const;
    const think = { law: "constant", mean: 3 } as const;
    const users = generateRequests(spec({ session, prefix, arrival: { kind: "users", users: 4, think }, count: 40 }));
    const ends = new Map<number, number>();
    for (let row = 0; row < users.count; row++) ends.set(users.session[row] as number, row);
    for (let row = 0; row < users.count; row++) {
      expect(idsOf(users, row).slice(0, 4)).toEqual(idsOf(users, 0).slice(0, 4));
      const number = users.session[row] as number;
      if (row === 0 || users.session[row - 1] !== number) {
        expect(parentsOf(users, row)).toEqual(number < 4 ? [] : [ends.get(number - 4)]);
      }
    }
  });
});
