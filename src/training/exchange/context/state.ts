/**
 * Recurrent mixers over context ranks: their scan needs every token in turn, so heads are exchanged for tokens before
 * the convolution and back after the scan, whatever attention does. Ignores: groups of the state's inputs that have to
 * be copied because they are fewer than the ranks.
 * @source megatron-mamba-context
 */

import type { Mixer, Recurrent } from "../../../catalog/model.ts";
import { collectiveSeconds, type GroupPlacement, type Platform } from "../../../network/index.ts";
import type { Layout } from "../../layout.ts";
import { type Exchange, nothing } from "../exchange.ts";
import { element } from "./method.ts";

/** Elements per token that change places: everything the input projections make, and the result. */
export function stateElements(mixer: Recurrent): { readonly inputs: number; readonly result: number } {
  let inputs = 0;
  for (const projection of mixer.projections) if (projection.split === "column") inputs += projection.out;
  return { inputs, result: mixer.gatedElements };
}

/** Why the heads of a scan cannot be spread over tensor and context ranks; undefined where they can. */
export function stateHeadProblem(mixer: Mixer, layout: Pick<Layout, "tensor" | "context">): string | undefined {
  if (!("coreFlop" in mixer) || mixer.heads % (layout.tensor * layout.context) === 0) return undefined;
  return `${mixer.heads} heads of ${mixer.kind} cannot be spread over tensor ${layout.tensor} x context ${layout.context}`;
}

/** Two exchanges a pass: inputs before the scan and its result after, gradients the other way. */
export function stateExchange(
  mixer: Recurrent,
  on: {
    readonly tokens: number;
    readonly tensor: number;
    readonly group: GroupPlacement;
    readonly platform: Platform;
  },
): Exchange {
  const { inputs, result } = stateElements(mixer);
  const change = (elements: number): number =>
    collectiveSeconds(on.platform, {
      operation: "all-to-all",
      size: (on.tokens * elements * element) / on.tensor,
      group: on.group,
    });
  const once = change(inputs) + change(result);
  return { forward: once, backward: once, hidden: nothing };
}
