/** The three classes of architecture that accuracy is judged by. */

import type { ModelArchitecture } from "../model.ts";

/** hybrid: has recurrent layers; moe: has routed experts; dense: neither. */
export function architectureClass(model: ModelArchitecture): "dense" | "moe" | "hybrid" {
  const recurrent = model.layerKinds.some(({ mixer }) => ["gated-delta", "kimi-delta", "mamba2"].includes(mixer.kind));
  if (recurrent) return "hybrid";
  return model.layerKinds.some(({ feedForward }) => feedForward.kind === "experts") ? "moe" : "dense";
}
