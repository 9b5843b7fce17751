/** A prediction for people, by its kind. */

import type { PredictOutput } from "../../../src/operations/predict.ts";
import type { Design, Prediction } from "../../../src/scenario/index.ts";
import type { View } from "../view.ts";
import { collectiveHeading, renderCollective } from "./collective.ts";
import { renderServing, servingHeading } from "./serving.ts";
import { renderShared, sharedHeading } from "./shared.ts";
import { renderTraffic, trafficHeading } from "./traffic.ts";
import { renderTraining, trainingHeading } from "./training.ts";
import { uncertaintyLines } from "./uncertainty.ts";

export function renderPredict(output: PredictOutput, view: View): string {
  const text = renderKind(output, view);
  const more = uncertaintyLines(output, view);
  return more.length === 0 ? text : `${text}${more.join("\n")}\n`;
}

function renderKind({ design, prediction, training }: PredictOutput, view: View): string {
  switch (design.kind) {
    case "training":
      if (training === undefined) throw new Error("a training prediction without its memory");
      return renderTraining({ design, prediction, training }, view);
    case "collective":
      return renderCollective({ design, prediction }, view);
    case "traffic":
      return renderTraffic({ design, prediction }, view);
    case "serving":
      return renderServing({ design, prediction }, view);
    case "shared":
      return renderShared({ design, prediction }, view);
  }
}

/** What was predicted: its name, and what it is about. */
export function heading(
  { design, prediction }: { readonly design: Design; readonly prediction: Prediction },
  view: View,
): string[] {
  switch (design.kind) {
    case "training":
      return trainingHeading({ design, prediction }, view);
    case "collective":
      return collectiveHeading({ design, prediction }, view);
    case "traffic":
      return trafficHeading({ design, prediction }, view);
    case "serving":
      return servingHeading({ design, prediction }, view);
    case "shared":
      return sharedHeading({ design, prediction }, view);
  }
}
