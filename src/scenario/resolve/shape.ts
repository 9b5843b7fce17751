/** Whether a model's dimensions divide by the degrees of a layout. */

import type { LayerKind, ModelArchitecture } from "../../catalog/model.ts";
import type { Layout, Recompute, RecomputeModule } from "../../training/layout.ts";
import type { LayoutContext } from "./layout.ts";
import { type Notes, problem } from "./notes.ts";

/** True where some layer routes tokens to experts. */
export function hasExperts(model: ModelArchitecture): boolean {
  return model.layerKinds.some((kind) => kind.feedForward.kind === "experts");
}

/** Problems between the model and the layout: heads, widths, experts. Each is reported once. */
export function modelProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const { model, cluster } = context;
  const seen = new Set<string>();
  const report: Report = (path, message, hint) => {
    if (seen.has(message)) return;
    seen.add(message);
    problem(notes, path, message, hint);
  };
  const found = model.layerKinds.flatMap((kind) => tensorProblems(kind, layout.tensor));
  if (found.length > 0) {
    const near = nearest(layout.tensor, (degree) => {
      const fits = cluster.accelerators % degree === 0;
      return fits && model.layerKinds.every((kind) => tensorProblems(kind, degree).length === 0);
    });
    for (const message of found) report("layout.tensor", message, `e.g. tensor: ${near}`);
  }
  for (const kind of model.layerKinds) expertProblems(kind, layout, report);
  recomputeProblems(layout.recompute, model, report);
  if (hasExperts(model)) return;
  for (const key of ["expert", "expertTensor"] as const) {
    if (layout[key] > 1) report(`layout.${key}`, `${model.name} has no experts`, `remove ${key}`);
  }
}

type Report = (path: string, message: string, hint?: string) => void;

/** What of a layer cannot be split over this many ranks. */
function tensorProblems({ mixer, feedForward }: LayerKind, tensor: number): string[] {
  const problems: string[] = [];
  const divided = (count: number, what: string): void => {
    if (count % tensor !== 0) problems.push(`${count} ${what} are not divisible by tensor ${tensor}`);
  };
  if (mixer.kind !== "none") divided(mixer.heads, "heads");
  if (mixer.kind === "attention" && mixer.keyValueHeads % tensor !== 0 && tensor % mixer.keyValueHeads !== 0) {
    const heads = `${mixer.keyValueHeads} key-value heads`;
    problems.push(`${heads} can be neither split over nor copied evenly onto tensor ${tensor}`);
  }
  if (feedForward.kind === "dense" && feedForward.width % tensor !== 0) {
    problems.push(`the feed-forward width ${feedForward.width} is not divisible by tensor ${tensor}`);
  }
  return problems;
}

function expertProblems({ feedForward }: LayerKind, layout: Layout, report: Report): void {
  if (feedForward.kind !== "experts") return;
  const { experts, width } = feedForward;
  if (experts % layout.expert !== 0) {
    const near = nearest(layout.expert, (degree) => experts % degree === 0);
    report("layout.expert", `${experts} experts are not divisible by expert ${layout.expert}`, `e.g. expert: ${near}`);
  }
  if (width % layout.expertTensor !== 0) {
    const near = nearest(layout.expertTensor, (degree) => width % degree === 0);
    const message = `the expert width ${width} is not divisible by expertTensor ${layout.expertTensor}`;
    report("layout.expertTensor", message, `e.g. expertTensor: ${near}`);
  }
}

/** What a layer must have for a module to be recomputed; every model has the others. */
const moduleOwners: Readonly<Partial<Record<RecomputeModule, (kind: LayerKind) => boolean>>> = {
  "latent-up-projection": ({ mixer }) => mixer.kind === "latent-attention",
  mlp: ({ feedForward }) => feedForward.kind === "dense",
  moe: ({ feedForward }) => feedForward.kind === "experts",
  "expert-activation": ({ feedForward }) => feedForward.kind === "experts",
};

function recomputeProblems(recompute: Recompute, model: ModelArchitecture, report: Report): void {
  if (typeof recompute === "string") return;
  for (const [index, name] of recompute.entries()) {
    const path = `layout.recompute[${index}]`;
    const owner = moduleOwners[name];
    if (recompute.indexOf(name) !== index) report(path, `"${name}" is there twice`, "remove one of them");
    else if (owner !== undefined && !model.layerKinds.some(owner)) {
      report(path, `${model.name} has no ${name} to recompute`, "remove it");
    }
  }
}

/** The largest degree up to this one that will do; 1 always does. */
function nearest(degree: number, does: (degree: number) => boolean): number {
  let near = degree;
  while (near > 1 && !does(near)) near--;
  return near;
}
