/** `search`: what a field written `auto` should be. Today the capacity of a serving fleet: its largest rate, its fewest replicas. */

import { z } from "zod";
import { formatQuantity } from "../base/quantity.ts";
import type { Prediction } from "../scenario/index.ts";
import { type CapacityAnswer, type CapacityField, capacity, type Trial } from "../search/index.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario, scenarioField } from "./scenario-input.ts";

export interface SearchInput {
  readonly scenario: string;
}

export interface SearchOutput extends CapacityAnswer {
  readonly name: string;
}

/** What other programs read. */
interface SearchDocument {
  readonly name: string;
  readonly field: string;
  readonly unit: "1/s" | "1";
  readonly value: number | null;
  readonly beyond: number | null;
  readonly ended: SearchOutput["ended"];
  readonly points: readonly {
    readonly at: Readonly<Record<string, number>>;
    readonly kept: boolean;
    readonly reasons: readonly string[];
    readonly metrics: Prediction["metrics"];
  }[];
  readonly prediction: Prediction;
}

export const searchOperation: Operation<SearchInput, SearchOutput> = {
  name: "search",
  summary: "Find what a field written auto should be: the largest rate, or the fewest replicas, within targets.",
  input: z.strictObject({ scenario: field(scenarioField, { ...scenarioUsage() }) }),
  examples: [
    { command: "windtunnel search fleet.yaml", does: "with rate: auto, the largest rate that keeps the targets" },
    { command: "windtunnel search fleet.yaml --json", does: "every trial, for programs" },
  ],
  document: documentOf,
  infeasible: ({ value }) => value === undefined,
  async run({ scenario: path }, host) {
    const { scenario, files } = await readScenario(path, host);
    const answer = capacity(scenario, {
      files,
      onTrial: (asked, trial) => host.progress(trialText(asked, trial)),
      cancelled: () => host.cancelled(),
    });
    return { name: scenario.name, ...answer };
  },
};

function scenarioUsage(): { readonly description: string; readonly as: "argument" } {
  return {
    description: "serving scenario with requests.rate: auto or replicas: auto; - reads standard input",
    as: "argument",
  };
}

function trialText({ quantity }: CapacityField, { value, kept, reasons }: Trial): string {
  const shown = quantity === "rate" ? formatQuantity(value, "perSecond") : `${value} replicas`;
  return `${shown}: ${kept === "kept" ? "within targets" : reasons.join(", ")}`;
}

function documentOf({ name, field: asked, value, beyond, ended, trials, prediction }: SearchOutput): SearchDocument {
  return {
    name,
    field: asked.path.join("."),
    unit: asked.quantity === "rate" ? "1/s" : "1",
    value: value ?? null,
    beyond: beyond ?? null,
    ended,
    points: trials.map((trial) => ({
      at: { [asked.quantity]: trial.value },
      kept: trial.kept === "kept",
      reasons: trial.reasons,
      metrics: trial.prediction.metrics,
    })),
    prediction,
  };
}
