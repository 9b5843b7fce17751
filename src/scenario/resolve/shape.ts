/** Whether a model's dimensions divide by the degrees of a layout. */

import type { LayerKind } from "../../catalog/model.ts";
import type { Layout } from "../../training/layout.ts";
import type { LayoutContext } from "./layout.ts";
import { type Notes, problem } from "./notes.ts";

/** Problems between the model and the layout: heads, widths, experts. Each is reported once. */
export function modelProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const seen = new Set<string>();
  const report = (path: string, message: string, hint?: string): void => {
    if (seen.has(message)) return;
    seen.add(message);
    problem(notes, path, message, hint);
  };
  for (const kind of context.model.layerKinds) {
    mixerProblems(kind, layout.tensor, report);
    feedForwardProblems(kind, layout, report);
  }
  const experts = context.model.layerKinds.some((kind) => kind.feedForward.kind === "experts");
  if (!experts && layout.expert > 1) {
    report("layout.expert", `${context.model.name} has no experts`, "remove expert");
  }
  if (!experts && layout.expertTensor > 1) {
    report("layout.expertTensor", `${context.model.name} has no experts`, "remove expertTensor");
  }
}

type Report = (path: string, message: string, hint?: string) => void;

function mixerProblems(kind: LayerKind, tensor: number, report: Report): void {
  const mixer = kind.mixer;
  if (mixer.kind === "none") return;
  if (mixer.heads % tensor !== 0) {
    const near =
      divisors(mixer.heads)
        .filter((divisor) => divisor <= tensor)
        .at(-1) ?? 1;
    report("layout.tensor", `${mixer.heads} heads do not divide by tensor ${tensor}`, `e.g. tensor: ${near}`);
  }
  if (mixer.kind !== "attention") return;
  const groups = mixer.keyValueHeads;
  if (groups % tensor !== 0 && tensor % groups !== 0) {
    const message = `${groups} key-value heads neither divide by tensor ${tensor} nor divide it`;
    report("layout.tensor", message, "heads are split evenly, or each copied onto as many ranks");
  }
}

function feedForwardProblems(kind: LayerKind, layout: Layout, report: Report): void {
  const forward = kind.feedForward;
  if (forward.kind === "dense" && forward.width % layout.tensor !== 0) {
    report("layout.tensor", `feed-forward width ${forward.width} does not divide by tensor ${layout.tensor}`);
  }
  if (forward.kind !== "experts") return;
  if (forward.experts % layout.expert !== 0) {
    const near =
      divisors(forward.experts)
        .filter((divisor) => divisor <= layout.expert)
        .at(-1) ?? 1;
    const message = `${forward.experts} experts do not divide by expert ${layout.expert}`;
    report("layout.expert", message, `e.g. expert: ${near}`);
  }
  if (forward.width % layout.expertTensor !== 0) {
    const message = `expert width ${forward.width} does not divide by expertTensor ${layout.expertTensor}`;
    report("layout.expertTensor", message);
  }
}

function divisors(n: number): number[] {
  const found: number[] = [];
  for (let divisor = 1; divisor <= n; divisor++) if (n % divisor === 0) found.push(divisor);
  return found;
}
