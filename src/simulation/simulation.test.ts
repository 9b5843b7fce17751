import { describe, expect, it } from "vitest";
import { random } from "../base/random.ts";
import { mean } from "../base/statistics.ts";
import { Simulation } from "./simulation.ts";

describe("Simulation", () => {
  it("runs one instant by phase, then by order of scheduling", () => {
    const simulation = new Simulation();
    const log: string[] = [];
    for (const phase of ["observe", "decide", "arrive", "complete"] as const) {
      simulation.after(1, () => log.push(`${phase} 1`), phase);
      simulation.after(1, () => log.push(`${phase} 2`), phase);
    }
    simulation.after(0.5, () => log.push("first"), "observe");
    simulation.run();
    const instant = ["complete", "arrive", "decide", "observe"].flatMap((phase) => [`${phase} 1`, `${phase} 2`]);
    expect(log).toEqual(["first", ...instant]);
    expect(simulation.eventCount).toBe(9);
    expect(simulation.now()).toBe(1);
  });

  it("runs what an event schedules for the same instant after what waits there already", () => {
    const simulation = new Simulation();
    const log: string[] = [];
    simulation.after(1, () => simulation.after(0, () => log.push("scheduled last"), "arrive"), "arrive");
    simulation.after(1, () => log.push("scheduled before"), "arrive");
    simulation.run();
    expect(log).toEqual(["scheduled before", "scheduled last"]);
  });

  it("stops at the end of a run and goes on from there", () => {
    const simulation = new Simulation();
    const times: number[] = [];
    const tick = (): void => {
      times.push(simulation.now());
      simulation.after(1, tick, "arrive");
    };
    simulation.after(1, tick, "arrive");
    simulation.run(2.5);
    expect([times, simulation.now(), simulation.pendingCount]).toEqual([[1, 2], 2.5, 1]);
    simulation.run(4);
    expect(times).toEqual([1, 2, 3, 4]);
  });

  it("cancels, and refuses the past", () => {
    const simulation = new Simulation();
    const handle = simulation.after(1, () => expect.unreachable(), "arrive");
    expect([simulation.cancel(handle), simulation.cancel(handle)]).toEqual([true, false]);
    simulation.run(3);
    expect(() => simulation.after(-1, () => {}, "arrive")).toThrow("-1 s from now");
    expect(() => simulation.after(Number.NaN, () => {}, "arrive")).toThrow("NaN");
    expect(() => simulation.at(2, () => {}, "arrive")).toThrow("it is 3 s");
  });

  it("agrees with the waiting time of the M/M/1 queue, r / (m - r)", () => {
    const simulation = new Simulation();
    const stream = random(5).stream("test/queue");
    const [rate, capacity] = [0.7, 1];
    const waits: number[] = [];
    const waiting: number[] = [];
    let busy: "busy" | "idle" = "idle";
    const serve = (): void => {
      const arrived = waiting.shift();
      busy = arrived === undefined ? "idle" : "busy";
      if (arrived === undefined) return;
      waits.push(simulation.now() - arrived);
      simulation.after(stream.exponential(1 / capacity), serve, "complete");
    };
    const arrive = (): void => {
      waiting.push(simulation.now());
      if (busy === "idle") serve();
      simulation.after(stream.exponential(1 / rate), arrive, "arrive");
    };
    simulation.after(0, arrive, "arrive");
    simulation.run(200_000);
    const expected = rate / capacity / (capacity - rate);
    expect(Math.abs(mean(waits) / expected - 1)).toBeLessThan(0.05);
  });
});
