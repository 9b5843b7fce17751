/**
 * Layers of each stage as torchtitan splits them: embedding and head count as so many layers of the first and the last
 * stage, and what is left over goes to the first stages.
 * @source torchtitan-configs
 */

import { assume, complain, countOf, credit, find, put, type Setting, type Sheet } from "../sheet.ts";

/** What embedding and head count as, in layers. */
export interface EndWeights {
  readonly first: number;
  readonly last: number;
}

export function splitLayers(layers: number, stages: number, { first, last }: EndWeights): readonly number[] {
  const all = layers + first + last;
  const [each, extra] = [Math.floor(all / stages), all % stages];
  return Array.from({ length: stages }, (_, index) => {
    const ends = (index === 0 ? first : 0) + (index === stages - 1 ? last : 0);
    return each + (index < extra ? 1 : 0) - ends;
  });
}

export interface Chunks {
  readonly schedule: string;
  readonly pipeline: number;
  /** Chunks of a rank that the schedule has by default. */
  readonly fewest: number;
}

/** Writes virtualStages, and stageLayers where stages differ. */
export function placeSplit(sheet: Sheet, { schedule, pipeline, fewest }: Chunks, layers: number | undefined): void {
  const each = find(sheet, "parallelism.pipeline_parallel_layers_per_stage");
  const ends = endSettings(sheet);
  const wanted = countOf(sheet, each);
  const weights = { first: countOf(sheet, ends.first, 0) ?? 1, last: countOf(sheet, ends.last, 0) ?? 1 };
  if (layers === undefined) return;
  const all = layers + weights.first + weights.last;
  const stages = wanted === undefined ? pipeline * fewest : Math.ceil(all / wanted);
  const fits = schedule === "interleaved" ? stages >= 2 * pipeline : stages === fewest * pipeline;
  if (stages % pipeline !== 0 || !fits) {
    const message = `${layers} layers, with ends of ${weights.first} and ${weights.last}, are ${stages} stages of ${wanted}`;
    complain(sheet, each, `${message} over pipeline ${pipeline}`, "change it, or the ends (first_stage_less_layers)");
    return;
  }
  put(sheet, "layout.virtualStages", stages / pipeline, each);
  const counts = splitLayers(layers, stages, weights);
  if (counts.every((count) => count === counts[0])) {
    for (const setting of [ends.first, ends.last]) credit(sheet, setting, "layout.virtualStages");
    return;
  }
  put(sheet, "layout.stageLayers", counts, ends.first, ends.last);
  if (ends.first === undefined || ends.last === undefined) {
    const reason = "embedding and head count as one layer each where nothing is given: the default of torchtitan";
    assume(sheet, "layout.stageLayers", counts.join(", "), reason);
  }
}

/** Without a pipeline nothing is split. */
export function idleSplit(sheet: Sheet): void {
  const { first, last } = endSettings(sheet);
  for (const setting of [find(sheet, "parallelism.pipeline_parallel_layers_per_stage"), first, last])
    if (setting !== undefined) sheet.idle.set(setting, "without a pipeline");
}

function endSettings(sheet: Sheet): { readonly first: Setting | undefined; readonly last: Setting | undefined } {
  return {
    first: find(sheet, "parallelism.pipeline_parallel_first_stage_less_layers"),
    last: find(sheet, "parallelism.pipeline_parallel_last_stage_less_layers"),
  };
}

const choices: readonly EndWeights[] = [
  { first: 0, last: 0 },
  { first: 1, last: 1 },
  { first: 1, last: 0 },
  { first: 0, last: 1 },
];

/** Fields that give these stages again; weights of no layer where none do. */
export function splitFields(counts: readonly number[]): readonly (readonly [field: string, value: number])[] {
  const layers = counts.reduce((sum, next) => sum + next, 0);
  const stages = counts.length;
  const fits = (weights: EndWeights): boolean => String(splitLayers(layers, stages, weights)) === String(counts);
  const { first, last } = choices.find(fits) ?? { first: 0, last: 0 };
  const each = Math.ceil((layers + first + last) / stages);
  const again = Math.ceil((layers + first + last) / each) === stages;
  return [
    ["pipeline_parallel_first_stage_less_layers", first],
    ["pipeline_parallel_last_stage_less_layers", last],
    // Where no size of a stage gives as many stages, the schedule's own number is left.
    ...(again ? [["pipeline_parallel_layers_per_stage", each] as const] : []),
  ];
}
