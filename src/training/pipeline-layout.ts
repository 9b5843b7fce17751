/** Layers per virtual stage as Megatron's recipes state them: a layout text, or how the ends are counted. */

import { parseStageText } from "./stage-text.ts";

/** Transformer layers per virtual stage, in pipeline order; undefined where the text is not a layout. */
export function stageLayersOf(layout: string): readonly number[] | undefined {
  const stages = parseStageText(layout);
  return "layers" in stages ? stages.layers : undefined;
}

/**
 * Layers per virtual stage where embedding and loss each count as one layer (Megatron's account_for_*_in_pipeline_split):
 * the first and the last stage hold one transformer layer fewer.
 */
export function accountedStages(layers: number, stages: number): readonly number[] | undefined {
  const each = (layers + 2) / stages;
  if (!Number.isInteger(each) || stages < 2) return undefined;
  return Array.from({ length: stages }, (_, index) => (index === 0 || index === stages - 1 ? each - 1 : each));
}
