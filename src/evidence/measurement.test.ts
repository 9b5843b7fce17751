import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { isWrittenOut, measuredFromLog, parseMeasured } from "./measurement.ts";

function messages(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ message, hint }) => `${message}; ${hint}`);
    throw error;
  }
  return [];
}

describe("a measurement written out", () => {
  it("takes units as the language does, several at once, commas inside numbers", () => {
    const { values } = parseMeasured([
      "stepTime=6.7 s, tokensPerSecondPerAccelerator = 7,012 /s",
      "modelFlopsUtilization=41 %",
      "memoryPerAccelerator=70 GiB,modelFlopsPerSecondPerAccelerator=400 TFLOP/s",
    ]);
    expect(values).toEqual({
      stepTime: { value: 6.7 },
      tokensPerSecondPerAccelerator: { value: 7012 },
      modelFlopsUtilization: { value: 0.41 },
      memoryPerAccelerator: { value: 70 * 1024 ** 3 },
      modelFlopsPerSecondPerAccelerator: { value: 4e14 },
    });
  });

  it("refuses more than the accelerators can do", () => {
    expect(() => parseMeasured(["modelFlopsUtilization=45"])).toThrow("more than the accelerators can do");
    expect(parseMeasured(["modelFlopsUtilization=45 %"]).values.modelFlopsUtilization?.value).toBe(0.45);
  });

  it("collects every problem", () => {
    expect(messages(() => parseMeasured(["stepTim=6.7 s, stepTime=6.7, tokensPerSecond=0 /s, stepTime=1 s"]))).toEqual([
      'unknown metric "stepTim"; did you mean "stepTime"?',
      expect.stringMatching(/^stepTime: "6.7" has no unit/),
      expect.stringMatching(/^tokensPerSecond: 0 is no measurement/),
    ]);
    expect(messages(() => parseMeasured(["stepTime=1 s", "stepTime=2 s"]))).toEqual([
      "stepTime is given twice; keep one of them",
    ]);
    expect(messages(() => parseMeasured(["stepTime=fast"]))[0]).toContain("is not a number");
  });

  it("is told from the name of a file", () => {
    expect(["stepTime=6.7 s", " mfu = 3"].map(isWrittenOut)).toEqual([true, true]);
    expect(["run.log", "-", "./a=b.log", "logs/stepTime=6.log"].map(isWrittenOut)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("a measurement from a log", () => {
  const line = (step: number, time: number, batch: number): string =>
    ` iteration ${step}/ 500 | elapsed time per iteration (ms): ${time} | global batch size: ${batch} |`;

  it("leaves out the steps of a batch ramp, and says so", () => {
    const text = [line(1, 100, 16), line(2, 200, 32), line(3, 400, 64), line(4, 420, 64)].join("\n");
    const { values, notes, log } = measuredFromLog(text, "run.log", 64);
    expect(values.stepTime?.value).toBeCloseTo(0.41, 12);
    expect(values.stepTime?.spread).toEqual({ low: 0.4, high: 0.42, count: 2 });
    expect(notes).toEqual(["2 steps of another global batch than 64 are left out"]);
    expect(log).toMatchObject({ file: "run.log", format: "megatron" });
  });

  it("does not use timers longer than their step, and says what a median hides", () => {
    const steps = (times: readonly number[]): string => times.map((time, index) => line(index + 1, time, 8)).join("\n");
    const slowed = measuredFromLog(steps([...Array(39).fill(9200), ...Array(20).fill(18_000)]), "a.log", 8);
    expect(slowed.values.stepTime?.value).toBeCloseTo(9.2, 12);
    expect(slowed.notes.join()).toMatch(/^20 of 59 steps took .* from step 40 on: .* 32 % above the median/);
    const stalls = measuredFromLog(
      steps(Array.from({ length: 40 }, (_, i) => (i % 5 === 4 ? 60_000 : 10_000))),
      "a.log",
      8,
    );
    expect(stalls.notes.join()).toMatch(/^8 of 40 steps took more than 1.2 times the median; the mean is 100 %/);
    expect(measuredFromLog(steps(Array(20).fill(9200)), "a.log", 8).notes).toEqual([]);
    const timers = `${steps([10_000, 10_000])}\n(min, max) time across ranks (ms):\n    forward-backward ....: (94000.00, 95000.00)\n`;
    const doubted = measuredFromLog(timers, "a.log", 8);
    expect(doubted.timers).toEqual({});
    expect(doubted.notes).toEqual(["timer forward-backward states 9.5 times its step: not used"]);
  });

  it("refuses a log of another batch", () => {
    expect(messages(() => measuredFromLog(line(1, 100, 16), "run.log", 64))[0]).toContain(
      "is a log of global batch 16, the scenario's is 64",
    );
    const trainer = "{'train_runtime': 1, 'train_samples_per_second': 25.132, 'train_steps_per_second': 3.145}";
    expect(messages(() => measuredFromLog(trainer, "run.log", 16))[0]).toContain("8.0 sequences a step");
  });

  it("takes the step from samples per second where steps per second are too coarse", () => {
    const text = "{'train_runtime': 3240.2466, 'train_samples_per_second': 1.58, 'train_steps_per_second': 0.003}";
    const { values, log } = measuredFromLog(text, "run.log", 512);
    expect(values.stepTime?.value).toBeCloseTo(512 / 1.58, 9);
    expect(log?.steps.rule).toContain("whole run");
  });
});
