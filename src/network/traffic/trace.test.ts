import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hop, network, port, routesOf } from "../../../test/traffic-network.ts";
import { random } from "../../base/random.ts";
import { runTrace } from "./run-pattern.ts";
import { readTrace } from "./trace.ts";

const csv = "start,from,to,bytes\n0.5,0,1,1000\n# a note\n0.25,2,3,2000\r\n";

describe("traces", () => {
  it("are read from CSV and from lines of JSON alike, sorted, from the first start on", () => {
    const lines = `{"start": 0.5, "from": 0, "to": 1, "bytes": 1000, "tag": "x"}
{"start_ms": 250, "from": 2, "to": 3, "bytes": 2000}`;
    for (const text of [csv, lines, csv.replaceAll(",", ";"), csv.replaceAll(",", "\t")]) {
      const { messages, problems, origin } = readTrace(text, 4);
      expect(problems).toEqual([]);
      expect(origin).toBe(0.25);
      expect(messages).toEqual([
        { start: 0, from: 2, to: 3, size: 2000 },
        { start: 0.25, from: 0, to: 1, size: 1000 },
      ]);
    }
  });

  it("may begin later in other units, with columns in any order", () => {
    const { messages, origin } = readTrace("bytes,to,start_us,from,job\n5,1,7,0,a\n5,0,9,1,a\n", 2);
    expect(origin).toBeCloseTo(7e-6, 15);
    expect(messages.map(({ start }) => start)).toEqual([0, expect.closeTo(2e-6, 12)]);
  });

  it("say the line and the field of what is wrong", () => {
    const text = "start,from,to,bytes\n0,0,1,10\n0,0,9,10\n-1,0,1,10\n0,0,1,zero\n0,1,1,5\n0,1\n";
    const { problems } = readTrace(text, 4);
    expect(problems.map(({ location, message }) => [location.line, message])).toEqual([
      [3, 'to is "9"'],
      [4, 'start is "-1"'],
      [5, 'bytes is "zero"'],
      [6, "from and to are both 1"],
      [7, "to is missing"],
    ]);
    expect(problems[0]?.hint).toBe("accelerators are 0 to 3");
    expect(readTrace("", 4).problems[0]?.message).toBe("there are no transfers here");
    expect(readTrace("\u0000\u0001garbage", 4).problems[0]?.message).toContain("names no columns");
    expect(readTrace('{"start": 0', 4).problems[0]?.message).toBe("it is not an object of JSON");
    expect(readTrace(`start,from,to,bytes\n${"x,0,1,1\n".repeat(1000)}`, 4).problems).toHaveLength(20);
  });

  it("whatever is written, are read without a raw error, and what is read is sound", () => {
    const number = fc.oneof(fc.nat(20).map(String), fc.double().map(String), fc.string({ maxLength: 5 }));
    const row = fc.tuple(number, number, number, number).map((values) => values.join(","));
    const json = fc.json({ maxDepth: 2 });
    const text = fc
      .array(fc.oneof(row, json, fc.string()), { maxLength: 12 })
      .map((rows) => ["start,from,to,bytes", ...rows].join("\n"));
    fc.assert(
      fc.property(fc.oneof(text, fc.string(), fc.string({ unit: "binary" })), (written) => {
        const { messages, problems } = readTrace(written, 16);
        expect(messages.length + problems.length).toBeGreaterThan(0);
        for (const { start, from, to, size } of messages) {
          expect(start >= 0 && start < Number.POSITIVE_INFINITY && size > 0).toBe(true);
          expect(from !== to && from >= 0 && from < 16 && to >= 0 && to < 16).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("replays", () => {
  const topology = network("fat-tree", { nodes: 16 });
  const latency = 2 * hop;

  it("of transfers that do not meet take their own time", () => {
    const { messages } = readTrace("start,from,to,bytes\n0,0,1,50e9\n1,2,3,50e9\n5,0,1,50e9\n", 16);
    const run = runTrace(routesOf(topology), messages);
    if ("from" in run) throw new Error("no way");
    expect(run.time).toBeCloseTo(6 + latency, 9);
    for (const slowdown of run.slowdown) expect(slowdown).toBeCloseTo(1, 9);
    expect(run.parts).toEqual({
      waiting: 5,
      latency: expect.closeTo(latency, 12),
      transfer: expect.closeTo(50e9 / port, 9),
      contention: expect.closeTo(0, 9),
    });
  });

  it("share a port while both are there", () => {
    const { messages } = readTrace("start,from,to,bytes\n0,0,2,100e9\n1,1,2,25e9\n", 16);
    const run = runTrace(routesOf(topology), messages);
    if ("from" in run) throw new Error("no way");
    // 50 GB alone; both at half until the second ends at 2 s; the last 25 GB alone again.
    expect([...run.completion]).toEqual([expect.closeTo(2.5 + latency, 9), expect.closeTo(1 + latency, 9)]);
  });

  it("of any traces end, carry all there is, and nobody is faster than alone", () => {
    const transfer = fc.record({
      start: fc.double({ min: 0, max: 1e-3, noNaN: true }),
      from: fc.nat(15),
      to: fc.nat(15),
      size: fc.double({ min: 1, max: 1e8, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(transfer, { minLength: 1, maxLength: 60 }), (drawn) => {
        const messages = drawn.filter(({ from, to }) => from !== to);
        if (messages.length === 0) return;
        const run = runTrace(routesOf(topology, "ecmp"), messages);
        if ("from" in run) throw new Error("no way");
        expect(run.completion.every((time) => time > 0 && time < 10)).toBe(true);
        expect(Math.min(...run.slowdown)).toBeGreaterThan(1 - 1e-6);
        expect(run.pause).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("of many transfers hold rates for a little while, and are hardly later for it", () => {
    const stream = random(5).stream("trace");
    let start = 0;
    const messages = Array.from({ length: 6000 }, () => {
      start += stream.exponential(2e6 / (16 * port * 0.6));
      const from = stream.integer(16);
      return { start, from, to: (from + 1 + stream.integer(15)) % 16, size: stream.exponential(2e6) };
    });
    const run = (count: number) => {
      const found = runTrace(routesOf(topology, "ecmp"), messages.slice(0, count));
      if ("from" in found) throw new Error("no way");
      return found;
    };
    const [few, many] = [run(600), run(6000)];
    expect(few.pause).toBe(0);
    expect(many.pause).toBeGreaterThan(0);
    // Beside the mean transfer of 40 us.
    expect(many.pause).toBeLessThan(2e-6);
    for (let index = 0; index < 500; index++) {
      expect(many.completion[index]! / few.completion[index]!).toBeLessThan(1.2);
    }
  });
});
