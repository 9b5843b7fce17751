import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue, type Phase } from "./queue.ts";

const phases: readonly Phase[] = ["complete", "arrive", "decide", "observe"];

type Command =
  | { readonly push: readonly [time: number, phase: Phase] }
  | { readonly pop: true }
  | { readonly cancel: number };

/** Few distinct times, so that most events tie. */
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ push: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(...phases)) }) },
  { weight: 2, arbitrary: fc.constant({ pop: true as const }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat(100) }) },
);

describe("EventQueue", () => {
  it("behaves like a list that is sorted by time, phase and order of scheduling", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const queue = new EventQueue(2);
        let model: { time: number; rank: number; id: number }[] = [];
        const handles: number[] = [];
        const happened: number[] = [];
        for (const command of commands) {
          if ("push" in command) {
            const [time, phase] = command.push;
            const id = handles.length;
            handles.push(queue.push(time, phase, () => happened.push(id)));
            model.push({ time, rank: phases.indexOf(phase), id });
            model.sort((a, b) => a.time - b.time || a.rank - b.rank || a.id - b.id);
          } else if ("pop" in command) {
            expect(queue.nextTime).toBe(model[0]?.time ?? Number.POSITIVE_INFINITY);
            queue.pop()?.();
            const next = model.shift();
            if (next !== undefined) expect(happened.at(-1)).toBe(next.id);
          } else if (handles.length > 0) {
            const id = command.cancel % handles.length;
            expect(queue.cancel(handles[id] as number)).toBe(model.some((event) => event.id === id));
            model = model.filter((event) => event.id !== id);
          }
          expect(queue.size).toBe(model.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the order of a hundred thousand events of one instant", () => {
    const queue = new EventQueue();
    const happened: number[] = [];
    for (let id = 0; id < 100_000; id++) queue.push(1, "arrive", () => happened.push(id));
    for (let action = queue.pop(); action !== undefined; action = queue.pop()) action();
    expect(happened.every((id, index) => id === index)).toBe(true);
    expect(happened).toHaveLength(100_000);
  });

  it("refuses times that are no times", () => {
    const queue = new EventQueue();
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => queue.push(time, "arrive", () => {})).toThrow(`at ${time}`);
    }
    expect(queue.pop()).toBeUndefined();
  });
});
