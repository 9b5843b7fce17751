/** The busiest links beside a prediction whose closed forms did not need the fabric's graph. */

import type { Seconds } from "../base/quantity.ts";
import { type Design, type Prediction, trainingLinks } from "../scenario/index.ts";

/** A step of more accelerators is laid over links only where links are asked for: it takes a second. */
const laidUnasked = 1024;

/** The prediction with its busiest links, where it has none yet and its fabric makes a graph. */
export function withLinks(prediction: Prediction, design: Design, asked: "asked" | "unasked"): Prediction {
  if (design.kind !== "training" || prediction.links !== undefined) return prediction;
  const { accelerators } = design.training.case.cluster;
  if (asked === "unasked" && accelerators > laidUnasked) return prediction;
  const stepTime: Seconds = prediction.metrics.stepTime ?? Number.NaN;
  const links = trainingLinks(design.training, stepTime);
  return links === undefined ? prediction : { ...prediction, links };
}
