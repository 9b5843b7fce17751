/** What `explain --measured` adds: the measurement beside the prediction, the gap by part, what would help. */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import {
  type Comparison,
  compare,
  type Gap,
  gapOf,
  isWrittenOut,
  type Measurement,
  measuredFromLog,
  parseMeasured,
} from "../evidence/index.ts";
import type { DesignOf, Prediction } from "../scenario/index.ts";
import { type Changes, changesOf } from "./changes.ts";
import type { Host } from "./host.ts";
import { field } from "./operation.ts";
import type { ScenarioInput } from "./scenario-input.ts";
import { type TermSensitivity, termSensitivities } from "./term-sensitivity.ts";

export interface MeasuredAnswer {
  /** Where the measurement comes from; without `log` it was written out. */
  readonly measurement: Measurement;
  readonly comparison: Comparison;
  readonly gap: Gap;
  /** For each part with a share of the gap, the resources that move it. */
  readonly levers: Readonly<Record<string, readonly TermSensitivity[]>>;
  readonly changes: Changes;
}

/** `--measured`, which may be repeated. */
export const measuredField: z.ZodType<readonly string[] | undefined> = field(
  z.array(z.string().min(1)).min(1).exactOptional(),
  {
    description:
      "what was measured: stepTime=6.7 s, timeToFirstToken.mean=120 ms, several separated by commas, or a training log or results of a serving benchmark (- reads standard input)",
    as: "flags",
    value: "METRIC=VALUE|FILE",
  },
) as z.ZodType<readonly string[] | undefined>;

export async function readMeasurement(
  measured: readonly string[],
  { scenario, design }: { readonly scenario: string; readonly design: DesignOf<"training"> },
  host: Host,
): Promise<Measurement> {
  const found = await measuredText(measured, { scenario, hint: logHint }, host);
  if (found === undefined) return parseMeasured(measured);
  return measuredFromLog(found.text, found.file, design.training.case.globalBatch);
}

const logHint = "write METRIC=VALUE, e.g. stepTime=6.7 s, or name a training log";

/** The one file that is named; undefined where everything is written out. */
export async function measuredText(
  measured: readonly string[],
  { scenario, hint }: { readonly scenario: string; readonly hint: string },
  host: Host,
): Promise<{ readonly text: string; readonly file: string } | undefined> {
  const files = measured.filter((text) => !isWrittenOut(text));
  const [file] = files;
  if (file === undefined) return undefined;
  if (measured.length > 1) {
    throw refused("one file, or values written out", `found ${measured.length} of them, a file among them: keep one`);
  }
  if (file === "-" && scenario === "-") {
    throw refused("the scenario is standard input already", "name a file of the scenario or of the log");
  }
  const text = await host.read(file).catch((error: unknown) => {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError(error.problems.map((problem): Problem => ({ hint, ...problem, path: "measured" })));
  });
  return { text, file: file === "-" ? "standard input" : file };
}

function refused(message: string, hint: string): ProblemError {
  return new ProblemError([{ path: "measured", message, hint }]);
}

/** Rejects what says nothing of the step's time: its memory can be compared, but leaves no gap to explain. */
export function explainGap(
  input: ScenarioInput,
  design: DesignOf<"training">,
  prediction: Prediction,
  measurement: Measurement,
): MeasuredAnswer {
  const { training } = design;
  const comparison = compare(training, prediction, measurement);
  if (comparison === undefined) {
    throw refused("says nothing of the time of a step", "add stepTime or a rate, e.g. stepTime=6.7 s");
  }
  const { time, error } = comparison.step;
  const gap = gapOf(training, prediction, { time, error, timers: measurement.timers });
  const blamed = gap.parts.filter(({ share }) => share !== 0).map(({ term }) => term);
  return {
    measurement,
    comparison,
    gap,
    levers: termSensitivities(design, blamed),
    changes: changesOf(input, design),
  };
}
