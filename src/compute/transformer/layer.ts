/**
 * A layer as a list of operators: projections, attention core, feed-forward, experts and the memory-bound
 * passes between them. Ignores: bias additions (they ride in epilogues), position tables, random number generation.
 */

import type { LayerKind } from "../../catalog/model.ts";
import { accumulationPass } from "./accumulation.ts";
import { pushDense, pushExperts } from "./feed-forward.ts";
import { pushMixer } from "./mixer.ts";
import type { LayerShard, LayerStyle, Operator } from "./operator.ts";
import { normPass, residualPass } from "./passes.ts";

/** Operators of one layer, in forward order. */
export function layerOperators(options: {
  readonly hidden: number;
  readonly kind: LayerKind;
  readonly shard: LayerShard;
  readonly style: LayerStyle;
}): readonly Operator[] {
  const { hidden, kind, shard, style } = options;
  const operators: Operator[] = [];
  const norms = kind.norms;
  const blocks = (kind.mixer.kind === "none" ? 0 : 1) + (kind.feedForward.kind === "none" ? 0 : 1);
  if (norms > 0) operators.push(normPass(hidden, norms, shard, style));
  pushMixer(operators, hidden, kind.mixer, shard, style);
  if (kind.feedForward.kind === "dense") pushDense(operators, hidden, kind.feedForward, shard, style);
  if (kind.feedForward.kind === "experts") pushExperts(operators, hidden, kind.feedForward, shard, style);
  if (blocks > 0) operators.push(residualPass(hidden, blocks, shard, style));
  if (style.accumulationBytes > 0) operators.push(accumulationPass(operators, style.accumulationBytes));
  return operators;
}
