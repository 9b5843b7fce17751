/** How sure the options are whose scenarios give inputs as ranges: draws of the ranges and of the model's own error. */

import type { RangedOption, ReportFacts } from "../../report/index.ts";
import { parseScenario } from "../../scenario/index.ts";
import { uncertaintyOf } from "../../search/uncertainty/index.ts";
import type { Host } from "../host.ts";
import type { WrittenOption } from "./options.ts";

const samples = { exact: 200, simulated: 20 } as const;

/** What is shown of an option, where it has it. */
const headline = ["timeToTrain", "cost", "costPerMillionOutputTokens"] as const;

export function rangedOptions(
  options: readonly WrittenOption[],
  { requirements, goal, host }: Pick<ReportFacts, "requirements" | "goal"> & { readonly host: Host },
): readonly RangedOption[] {
  return options.flatMap(({ name, source, design }): readonly RangedOption[] => {
    if (source === undefined || design === undefined) return [];
    const scenario = parseScenario(source.text, { file: source.file });
    if (scenario.inputs === undefined) return [];
    host.progress(`drawing the ranges of ${name}`);
    const found = uncertaintyOf(scenario, {
      samples: samples[design.kind === "serving" ? "simulated" : "exact"],
      limits: requirements,
      files: source.files,
      cancelled: () => host.cancelled(),
    });
    const metrics = [...new Set([...requirements.map(({ metric }) => metric), goal.metric, ...headline])];
    return [
      {
        option: name,
        samples: found.samples,
        dropped: found.refused + found.unfit,
        inputs: found.inputs,
        metrics: metrics.flatMap((metric) => {
          const spread = found.metrics[metric];
          if (spread === undefined) return [];
          const { p10, p50, p90, from } = spread;
          return [{ metric, p10, p50, p90, from }];
        }),
        kept: requirements.map(({ id }, index) => ({ id, probability: found.targets[index]?.probability ?? 0 })),
      },
    ];
  });
}
