/**
 * What would make a design fit that does not: changes of its layout that keep every degree, so that nothing else has to
 * change with them. Not a search: degrees and more accelerators are the user's to choose.
 */

import type { Seconds } from "../base/quantity.ts";
import { type DesignOf, type Prediction, predictDesign } from "../scenario/index.ts";
import type { Layout } from "../training/index.ts";

export interface Remedy {
  /** As a scenario writes it: `recompute: full`. */
  readonly change: string;
  readonly stepTime: Seconds;
  readonly fit: Prediction["fit"];
}

type Change = Partial<Pick<Layout, "recompute" | "sharding" | "microBatch">>;

/** Remedies for a design that does not fit, the fastest first; pairs only where nothing single helps. */
export function remediesOf(design: DesignOf<"training">): readonly Remedy[] {
  const { layout, pools } = design.training.case;
  // Replicas on several pools do not run in step, as gathering weights in every micro-batch would need.
  const alike = pools?.by !== "data";
  const single: Change[] = [
    ...(layout.recompute === "none" ? [{ recompute: "selective" } as const] : []),
    ...(layout.recompute === "full" ? [] : [{ recompute: "full" } as const]),
    ...(layout.sharding === "none" ? [{ sharding: "optimizer" } as const] : []),
    ...(alike && (layout.sharding === "none" || layout.sharding === "optimizer")
      ? [{ sharding: "gradients" } as const]
      : []),
    ...(!alike || layout.sharding === "full" || layout.sharding === "hybrid" ? [] : [{ sharding: "full" } as const]),
    ...(layout.microBatch > 1 ? [{ microBatch: 1 }] : []),
  ];
  const alone = fitting(design, single);
  if (alone.length > 0) return alone;
  const pairs = single.flatMap((one, index) => {
    const others = single.slice(index + 1).filter((other) => Object.keys(other)[0] !== Object.keys(one)[0]);
    return others.map((other): Change => ({ ...one, ...other }));
  });
  return fitting(design, pairs);
}

function fitting(design: DesignOf<"training">, changes: readonly Change[]): readonly Remedy[] {
  return changes
    .map((change): Remedy => {
      const { training } = design;
      const layout = { ...training.case.layout, ...change };
      const prediction = predictDesign({ ...design, training: { ...training, case: { ...training.case, layout } } });
      const words = Object.entries(change).map(([key, value]) => `${key}: ${value}`);
      return { change: words.join(", "), stepTime: prediction.metrics.stepTime ?? Number.NaN, fit: prediction.fit };
    })
    .filter(({ fit }) => fit !== "does-not-fit")
    .sort((a, b) => a.stepTime - b.stepTime);
}
