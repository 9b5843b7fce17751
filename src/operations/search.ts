/** `search`: what is written `auto`: capacity or configuration of a serving fleet, or the layout of a training job. */

import { z } from "zod";
import { formatQuantity } from "../base/quantity.ts";
import { configurationIsOpen, layoutIsOpen, type Prediction } from "../scenario/index.ts";
import { type CapacityAnswer, type CapacityField, capacitySteps, type Trial } from "../search/index.ts";
import { attended } from "./attended.ts";
import {
  type ConfigurationChoice,
  type ConfigurationSearch,
  choiceDocument,
  configurationDocument,
  findConfiguration,
} from "./configuration-search.ts";
import type { Host } from "./host.ts";
import {
  findLayout,
  type LayoutFlags,
  type LayoutSearch,
  layoutDocument,
  layoutFlagProblems,
} from "./layout-search.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario, type ScenarioInput, scenarioField } from "./scenario-input.ts";

export interface SearchInput extends LayoutFlags {
  readonly scenario: string;
}

export type SearchOutput = (CapacitySearch | LayoutSearch | ConfigurationSearch | ConfigurationChoice) & {
  /** Where the user ended it: the answer is the best so far. */
  readonly interrupted?: true;
};

export interface CapacitySearch extends CapacityAnswer {
  readonly name: string;
}

/** What other programs read. */
interface SearchDocument {
  readonly name: string;
  readonly field: string;
  readonly unit: "1/s" | "1";
  readonly value: number | null;
  readonly beyond: number | null;
  readonly ended: CapacitySearch["ended"];
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
  summary:
    "Find what is written auto: the fastest layouts of training; rate, replicas or configuration of serving in its targets.",
  input: z.strictObject({
    scenario: field(scenarioField, { ...scenarioUsage() }),
    output: field(z.string().min(1).exactOptional(), {
      description: "write the scenario with the best layout or configuration in place of auto",
      short: "o",
      value: "FILE",
    }),
    against: field(z.string().min(1).exactOptional(), {
      description: "scenario of the same job that the best layout is held against",
      value: "FILE",
    }),
    budget: field(z.string().min(1).exactOptional(), {
      description: "stop after this time with the best so far, e.g. 30 s",
      value: "TIME",
    }),
    margin: field(z.string().min(1).exactOptional(), {
      description: "share of the accelerator's memory that a layout leaves free, e.g. 5 %; default 0",
      value: "RATIO",
    }),
    within: field(z.string().min(1).exactOptional(), {
      description:
        "layouts so near the best are counted as ties; default 2 %; error: all that the model cannot tell from it",
      value: "RATIO",
    }),
  }),
  examples: [
    {
      command: "windtunnel search job.yaml --output best.yaml",
      does: "with layout: auto, the fastest layouts and the best one",
    },
    { command: "windtunnel search fleet.yaml", does: "with rate: auto, the largest rate that keeps the targets" },
    { command: "windtunnel search fleet.yaml --json", does: "every trial, for programs" },
  ],
  document: (output) => {
    if ("covered" in output) return layoutDocument(output);
    if ("summary" in output) return choiceDocument(output);
    return "groups" in output ? configurationDocument(output) : documentOf(output);
  },
  infeasible: (output) => {
    if ("summary" in output) return output.summary.points.meets === 0;
    return "best" in output ? output.best.length === 0 : output.value === undefined;
  },
  stopped: ({ interrupted }) => interrupted === true,
  async run({ scenario: path, ...flags }, host) {
    const answer = await answerOf(await readScenario(path, host), flags, host);
    return host.cancelled() ? { ...answer, interrupted: true } : answer;
  },
};

async function answerOf(read: ScenarioInput, flags: LayoutFlags, host: Host): Promise<SearchOutput> {
  const { scenario, files } = read;
  if (layoutIsOpen(scenario)) return findLayout(read, flags, host);
  if (configurationIsOpen(scenario)) return findConfiguration(read, flags, host);
  layoutFlagProblems(flags);
  const steps = capacitySteps(scenario, {
    files,
    onTrial: (asked, trial) => host.progress(trialText(asked, trial)),
    cancelled: () => host.cancelled(),
  });
  const answer = await attended(steps, host);
  return { name: scenario.name, ...answer };
}

function scenarioUsage(): { readonly description: string; readonly as: "argument" } {
  return {
    description:
      "scenario with layout: auto, serving.configuration: auto, open keys of them, or rate or replicas: auto; - reads standard input",
    as: "argument",
  };
}

function trialText({ quantity }: CapacityField, { value, kept, reasons }: Trial): string {
  const shown = quantity === "rate" ? formatQuantity(value, "perSecond") : `${value} replicas`;
  return `${shown}: ${kept === "kept" ? "within targets" : reasons.join(", ")}`;
}

function documentOf({ name, field: asked, value, beyond, ended, trials, prediction }: CapacitySearch): SearchDocument {
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
