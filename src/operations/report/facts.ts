/** Everything that a report says, from what was asked. */

import { measureNext } from "../../evidence/index.ts";
import {
  choose,
  clusterOf,
  type EvidenceLine,
  flipsOf,
  judgementOf,
  type ReportFacts,
  type SizePoint,
  timelineOf,
} from "../../report/index.ts";
import { billOfDesign, owningOfDesign, supportMatrix, type WorkloadKind } from "../../scenario/index.ts";
import { predictTraining } from "../../training/index.ts";
import type { Host } from "../host.ts";
import { sensitivities } from "../sensitivity.ts";
import { differencesOf } from "./differences.ts";
import { goodputNeed } from "./goodput-need.ts";
import { loadsOf } from "./loads.ts";
import { attempt, type WrittenOption } from "./options.ts";
import { rangedOptions } from "./ranges.ts";
import { type Asked, sizedRaw } from "./read.ts";
import { mustHold } from "./what-must-hold.ts";

export async function factsOf(asked: Asked, host: Host): Promise<ReportFacts> {
  const { options, requirements, goal } = asked;
  const choice = choose(options, requirements, goal);
  const best = options[choice.index];
  const second = choice.second === undefined ? undefined : options[choice.second];
  const design = best?.design;
  host.progress("searching for the values at which the decision flips");
  const judgements = options.map(({ prediction }) => requirements.map((each) => judgementOf(prediction, each)));
  const goodput = goodputNeed(best, requirements);
  const timeline = design?.kind === "training" ? timelineOf(design) : undefined;
  return {
    title: asked.title,
    ask: asked.ask,
    requirements,
    goal,
    units: asked.units,
    options,
    judgements,
    choice,
    mustHold: mustHold(options, { judgements, choice }),
    ranged: rangedOptions(options, { requirements, goal, host }),
    ...(asked.sameAs === undefined ? {} : { sameAs: asked.sameAs }),
    flips: flipsOf({ options, requirements, goal, choice }),
    sensitivities: design === undefined ? [] : sensitivities(design),
    sizes: best === undefined ? [] : sizesOf(best),
    loads: loadsOf(best),
    ...materialsOf(options),
    differences: differencesOf(options.map(({ source }) => source?.raw)),
    ...(design?.kind === "training" ? { memory: predictTraining(design.training.case).memory } : {}),
    ...(goodput === undefined ? {} : { goodput }),
    ...(timeline === undefined ? {} : { timeline }),
    measureNext: nextOf(best, second),
    evidence: await evidenceOf(options, host),
    owners: asked.owners,
    notModelled: notModelledWith(best?.prediction?.kind),
    files: filesOf(asked),
  };
}

/** Nodes and replicas together; the work stays the same. */
function sizesOf(best: WrittenOption): readonly SizePoint[] {
  const now = best.design === undefined ? undefined : clusterOf(best.design);
  // A fleet that grows under the same requests only waits: training is what has a size.
  if (now === undefined || best.design?.kind !== "training") return [];
  return [0.25, 0.5, 1, 2, 4].flatMap((factor): readonly SizePoint[] => {
    const accelerators = now.accelerators * factor;
    if (!Number.isInteger(accelerators)) return [];
    const raw = sizedRaw(best, factor);
    const prediction = factor === 1 ? best.prediction : raw === undefined ? undefined : attempt(best, raw)?.prediction;
    const point = { factor, accelerators };
    return [prediction === undefined ? { ...point, refused: "its degrees do not divide" } : { ...point, prediction }];
  });
}

function materialsOf(options: readonly WrittenOption[]): Pick<ReportFacts, "bills" | "ownings"> {
  const bills = options.map(({ design }) => (design === undefined ? undefined : billOfDesign(design)));
  const ownings = options.map(({ design, prediction }, index) => {
    const bill = bills[index];
    return design === undefined || bill === undefined ? undefined : owningOfDesign(design, { bill, prediction });
  });
  return { bills, ownings };
}

function nextOf(one: WrittenOption | undefined, other: WrittenOption | undefined): ReportFacts["measureNext"] {
  if (one?.design?.kind !== "training" || other?.design?.kind !== "training") return [];
  if (one.prediction === undefined || other.prediction === undefined) return [];
  return measureNext(
    { design: one.design.training, prediction: one.prediction },
    { design: other.design.training, prediction: other.prediction },
  );
}

type Errors = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Committed errors of the models, by record. */
async function errorsOf(host: Host): Promise<Errors> {
  const files = ["evidence/accuracy.json", "evidence/serving.accuracy.json", "evidence/network.accuracy.json"];
  const all: Record<string, Readonly<Record<string, number | string>>> = {};
  for (const file of files) {
    const read = JSON.parse(await host.read(host.shipped(file))) as Errors | { readonly records: Errors };
    Object.assign(all, "records" in read ? read.records : read);
  }
  return all;
}

const judged = ["stepTime", "tokensPerSecondPerAccelerator", "memoryPerAccelerator", "timeToFirstToken.mean"];
const judgedToo = ["timePerOutputToken.mean", "endToEndLatency.mean", "outputTokensPerSecond", "time"];

async function evidenceOf(options: readonly WrittenOption[], host: Host): Promise<readonly EvidenceLine[]> {
  const errors = await errorsOf(host);
  return options.flatMap(({ name, prediction }) =>
    [...judged, ...judgedToo].flatMap((metric): readonly EvidenceLine[] => {
      const basis = prediction?.basis[metric];
      if (basis === undefined) return [];
      const { interval, trust, nearest } = basis;
      const record = nearest === undefined ? undefined : errors[nearest.id];
      const error = record?.[metric];
      return [
        {
          option: name,
          metric,
          trust,
          ...(interval === null ? {} : { interval }),
          ...(nearest === undefined ? {} : { nearest: nearest.id, distance: nearest.distance }),
          ...(typeof error === "number" ? { error } : {}),
        },
      ];
    }),
  );
}

/** What of the language this kind of work refuses, and not because it is of another kind altogether. */
function notModelledWith(kind: WorkloadKind | undefined): ReportFacts["notModelled"] {
  return supportMatrix
    .filter(
      ({ modelled }) =>
        modelled.length === 0 || (kind !== undefined && modelled.length > 2 && !modelled.includes(kind)),
    )
    .map(({ key, feature, why }) => ({ key, feature, ...(why === undefined ? {} : { why }) }));
}

function filesOf({ proposal, options }: Asked): ReportFacts["files"] {
  const scenarios = options.flatMap(({ source }) =>
    source === undefined ? [] : [{ name: source.file, text: source.text }],
  );
  const own = proposal === undefined ? [] : [{ name: nameOf(proposal.file), text: proposal.text }];
  return [...own, ...scenarios];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
