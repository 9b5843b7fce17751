/** The whole language: one scenario as it is written. DESIGN 2.1 in zod; the JSON Schema is made from it. */

import { z } from "zod";
import type { FlopConvention } from "../../training/result.ts";
import { type ClusterText, clusterField } from "./cluster.ts";
import { choice, count, expectation, quantity, ratio, strict, text } from "./fields.ts";
import { type LayoutText, layoutField } from "./layout.ts";
import { type ReliabilityText, reliabilityField, type StorageText, storageField } from "./reliability.ts";
import { type ServingText, servingField } from "./serving.ts";
import { type SharedWorkloadText, sharedWorkloadsField } from "./shared.ts";
import { type SoftwareInline, softwareField } from "./software.ts";
import { jitterField, type StragglerText, stragglersField } from "./stragglers.ts";
import {
  constraintsField,
  type GoalText,
  type LimitText,
  objectiveField,
  type SamplingMethod,
  type SamplingText,
  samplingField,
  type VaryText,
  varyField,
} from "./study.ts";
import { type WorkloadText, workloadField } from "./workload.ts";

/** SI, as `OwnerTerms` of economics; written in the file with units. */
export interface OwnershipText {
  readonly node?: number;
  readonly network?: number;
  readonly storage?: number;
  readonly years?: number;
  readonly rate?: number;
  readonly salvage?: number;
  readonly maintenance?: number;
  readonly hostingPerMonth?: number;
  readonly energy?: number;
  readonly staffPerYear?: number;
}

export interface EconomicsText {
  /** Dollars per second of one accelerator. */
  readonly acceleratorHour?: number;
  /** Dollars per joule. */
  readonly energy?: number;
  readonly powerUsageEffectiveness?: number;
  /** What one rack may draw. */
  readonly rackPower?: number;
  /** What the machines of the store draw. */
  readonly storagePower?: number;
  readonly ownership?: OwnershipText;
}

/** A scenario after parsing: valid keys, SI units, defaults not yet filled in. */
export interface ScenarioText {
  readonly windtunnel: 1;
  readonly name: string;
  readonly seed?: number;
  readonly cluster: ClusterText;
  readonly workload?: WorkloadText;
  readonly workloads?: readonly SharedWorkloadText[];
  readonly layout?: LayoutText | "auto";
  readonly software?: string | SoftwareInline;
  readonly reliability?: ReliabilityText;
  readonly storage?: StorageText;
  readonly serving?: ServingText;
  readonly economics?: EconomicsText;
  readonly flopConvention?: FlopConvention;
  readonly stragglers?: readonly StragglerText[];
  readonly jitter?: number;
  readonly vary?: VaryText;
  readonly sampling?: SamplingMethod | SamplingText;
  readonly objective?: readonly GoalText[];
  readonly constraints?: readonly LimitText[];
}

const conventions = [
  "megatron-core-2024",
  "megatron-sc21",
  "korthikanti-model",
  "palm",
  "mosaic",
  "maxtext",
  "torchtitan",
  "6nd",
] as const satisfies readonly FlopConvention[];

/** What an owner pays; what is absent is taken from dated sources, or stays unknown. */
const ownership = strict(
  () => ({
    node: quantity("dollars", "Price of one node, over pools their mean. Default dated offers of such servers.", {
      atLeast: 0,
    }).exactOptional(),
    network: quantity("dollars", "Switches, optics and cables together. Default street prices of the switches alone.", {
      atLeast: 0,
    }).exactOptional(),
    storage: quantity("dollars", "The store. Without it the store has no price.", { atLeast: 0 }).exactOptional(),
    years: quantity("seconds", "Years of use over which capital is recovered, a day or more. Default 5 years.", {
      atLeast: 86_400,
    }).exactOptional(),
    rate: ratio("Cost of capital a year. Default 10 %.").exactOptional(),
    salvage: ratio("Share of capital that is fetched at the end. Default 0.").exactOptional(),
    maintenance: ratio("Share of capital a year. Without it maintenance is in no total.").exactOptional(),
    hostingPerMonth: quantity("dollarsPerWatt", "Rent of the hall by its power, a month. Default 184 $/kW.", {
      atLeast: 0,
    }).exactOptional(),
    energy: quantity("dollarsPerJoule", "Price of energy. Default economics.energy, else 0.0826 $/kWh.", {
      atLeast: 0,
    }).exactOptional(),
    staffPerYear: quantity("dollars", "Staff of the whole cluster, a year. Without it staff is in no total.", {
      atLeast: 0,
    }).exactOptional(),
  }),
  "e.g. { node: 290 k$, years: 4 years }",
).meta({ description: "What owning the machines costs, held against their rent in reports and specifications." });

const economics = strict(() => ({
  acceleratorHour: quantity("dollarsPerSecond", "Price of one accelerator, e.g. 2.5 $/h.", {
    atLeast: 0,
  }).exactOptional(),
  energy: quantity("dollarsPerJoule", "Price of energy, e.g. 0.08 $/kWh.", { atLeast: 0 }).exactOptional(),
  powerUsageEffectiveness: ratio("Power of the site over power of the machines.", {
    atLeast: 1,
    atMost: 10,
  }).exactOptional(),
  rackPower: quantity("watts", "What one rack may draw; gives the number of racks.").exactOptional(),
  storagePower: quantity("watts", "What the machines of the store draw.").exactOptional(),
  ownership: ownership.exactOptional(),
})).meta({ description: "Prices that replace those of the catalog." });

const sections = () => ({
  windtunnel: z
    .literal(1, { error: expectation({ expected: "1", hint: "windtunnel: 1 is the version of this language" }) })
    .meta({ description: "Version of the language." }),
  name: text("Name of the scenario, printed with its prediction."),
  seed: count("Seed of all random streams. Default 0.", { atLeast: 0, atMost: 2 ** 32 - 1 }).exactOptional(),
  cluster: clusterField,
  workload: workloadField.exactOptional(),
  workloads: sharedWorkloadsField.exactOptional(),
  layout: layoutField.exactOptional(),
  software: softwareField.exactOptional(),
  reliability: reliabilityField.exactOptional(),
  storage: storageField.exactOptional(),
  serving: servingField.exactOptional(),
  economics: economics.exactOptional(),
  flopConvention: choice(
    conventions,
    "How model FLOP rates and utilisation are counted. Default megatron-core-2024.",
  ).exactOptional(),
  stragglers: stragglersField.exactOptional(),
  jitter: jitterField.exactOptional(),
  vary: varyField.exactOptional(),
  sampling: samplingField.exactOptional(),
  objective: objectiveField.exactOptional(),
  constraints: constraintsField.exactOptional(),
});

/** Said where there is no scenario at all. */
export const beginning = "a scenario begins with windtunnel: 1 and has name, cluster and workload";

const scenario = strict(sections, beginning).meta({
  title: "Windtunnel scenario",
  description: "One workload on one cluster under one policy.",
});

/** The schema of a scenario. Its errors are turned into problems by `problems.ts`. */
export const scenarioSchema: z.ZodType<ScenarioText> = scenario as unknown as z.ZodType<ScenarioText>;
