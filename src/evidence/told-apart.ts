/** Whether the model can tell two predictions of a metric apart. */

import { type Told, toldApart as toldOf } from "../base/told-apart.ts";
import type { Prediction } from "../scenario/index.ts";

export type { Told } from "../base/told-apart.ts";

export function toldApart(metric: string, one: Prediction, other: Prediction): Told | undefined {
  const [a, b] = [guessOf(metric, one), guessOf(metric, other)];
  return a === undefined || b === undefined ? undefined : toldOf(a, b);
}

function guessOf(metric: string, { metrics, basis }: Prediction): Parameters<typeof toldOf>[0] | undefined {
  const value = metrics[metric];
  return value === undefined ? undefined : { value, interval: basis[metric]?.interval ?? null };
}
