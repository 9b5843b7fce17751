/** The gap model on measured runs: it adds up on each, and parts can carry nearly all gaps of runs like those it knows. */

import { expect, it } from "vitest";
import { compare, gapOf, measuredNames, parseMeasured, scenarioOf } from "../../src/evidence/index.ts";
import { predictDesign, resolve, scenarioFromValue, trainingOf } from "../../src/scenario/index.ts";
import { readEvidence } from "../../tools/evidence-files.ts";

/** Every so many-th record: enough to see a change of the model, few enough to be quick. */
const every = 7;

it("adds up, and leaves little unexplained where the measurement lies inside the interval", () => {
  const steps = readEvidence().filter(({ kind }) => kind === "training-step");
  let [inside, carried, gaps] = [0, 0, 0];
  for (const record of steps.filter((_, index) => index % every === 0)) {
    const value = record.measured.find(({ metric, primary }) => primary && measuredNames.includes(metric as never));
    if (value === undefined) continue;
    const design = trainingOf(resolve(scenarioFromValue(scenarioOf(record))));
    const prediction = predictDesign(design);
    const found = compare(design.training, prediction, parseMeasured([`${value.metric}=${value.value}`]));
    if (found === undefined) throw new Error(`${record.id} has no step`);
    const gap = gapOf(design.training, prediction, { time: found.step.time, error: 0, timers: {} });
    const total = gap.parts.reduce((sum, { share }) => sum + share, gap.unexplained);
    expect(Math.abs(total - gap.seconds), record.id).toBeLessThanOrEqual(1e-12 * gap.predicted);
    gaps++;
    if (found.metrics[0]?.inside !== true) continue;
    inside++;
    if (gap.unexplained === 0) carried++;
  }
  expect(gaps).toBeGreaterThan(80);
  expect(inside / gaps).toBeGreaterThan(0.75);
  expect(carried / inside).toBeGreaterThan(0.95);
});
