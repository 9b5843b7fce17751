/** Context parallelism of a layout: who exchanges heads, how sequences are cut, and whether heads and tokens divide. */

import { contextMethods, contextWork, stateHeadProblem } from "../../training/index.ts";
import type { Layout } from "../../training/layout.ts";
import type { LayoutText } from "../schema/layout.ts";
import type { LayoutContext } from "./layout.ts";
import { given, type Notes, problem } from "./notes.ts";

/** Fields of the layout that only context parallelism has. */
export function resolveContext(
  written: LayoutText,
  { tensor, context: ranks }: Pick<Layout, "tensor" | "context">,
  context: LayoutContext,
  notes: Notes,
): Pick<Layout, "contextInner" | "contextBalance"> {
  const exchange = context.software.contextExchange;
  const shared = ranks > 1;
  const grouped = shared && exchange === "hierarchical";
  const cut = shared && exchange !== "all-to-all";
  const inner = grouped ? { contextInner: innerRanks(written, { tensor, ranks }, context, notes) } : {};
  if (!cut) return inner;
  const reason = "not given; all ranks then attend to as many keys, as Transformer Engine and Llama 3 cut";
  const balance = given(notes, "layout.contextBalance", written.contextBalance, "zig-zag", reason);
  return { ...inner, contextBalance: balance };
}

/** As many neighbours as one scale-up domain holds and the heads of every layer allow. */
function innerRanks(
  written: LayoutText,
  { tensor, ranks }: { readonly tensor: number; readonly ranks: number },
  { cluster, model }: LayoutContext,
  notes: Notes,
): number {
  const room = Math.max(1, Math.floor(cluster.node.scaleUp.domain / tensor));
  const heads = model.layerKinds.flatMap(({ mixer }) =>
    mixer.kind === "attention" || mixer.kind === "latent-attention" ? [mixer.heads / tensor] : [],
  );
  let inner = Math.min(ranks, room);
  while (inner > 1 && (ranks % inner !== 0 || heads.some((count) => count % inner !== 0))) inner--;
  const reason = "not given; context ranks of one scale-up domain, as far as heads divide";
  return given(notes, "layout.contextInner", written.contextInner, inner, reason);
}

/** What stands in the way of the exchange, and keys that would have no effect. */
export function contextProblems(written: LayoutText, layout: Layout, context: LayoutContext, notes: Notes): void {
  const { software, model, sequenceLength } = context;
  const exchange = software.contextExchange;
  const useless = (key: "contextInner" | "contextBalance", message: string): void => {
    if (written[key] !== undefined) problem(notes, `layout.${key}`, message, "remove it");
  };
  if (layout.context === 1) {
    useless("contextInner", "has no effect without context > 1");
    useless("contextBalance", "has no effect without context > 1");
    return;
  }
  if (exchange !== "hierarchical") useless("contextInner", `has no effect with contextExchange: ${exchange}`);
  if (exchange === "all-to-all") useless("contextBalance", "has no effect: with all-to-all every rank has all tokens");
  const found = new Set<string>();
  for (const { mixer } of model.layerKinds) {
    if (mixer.kind === "none" || mixer.heads % layout.tensor !== 0) continue;
    const work = contextWork({ layout, sequenceLength }, mixer);
    const message = work === undefined ? stateHeadProblem(mixer, layout) : contextMethods[exchange].problem(work);
    if (message !== undefined) found.add(message);
  }
  const path = written.contextInner === undefined ? "layout.context" : "layout.contextInner";
  for (const message of found) problem(notes, path, message, "fewer ranks, or software: { contextExchange: ring }");
}
