/**
 * A design as launch settings of a training program. What is lost is not declared but found: the text is imported again
 * and every value that differs is listed, so that what is not listed is known to come back.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import { suggestion } from "../base/suggestion.ts";
import { models } from "../catalog/index.ts";
import { type Design, type DesignOf, software, softwareName, trainingOf } from "../scenario/index.ts";
import { comparable } from "./export/comparable.ts";
import { megatronTarget } from "./export/megatron.ts";
import { nemoTarget } from "./export/nemo.ts";
import type { Case, Target } from "./export/target.ts";
import { torchtitanTarget } from "./export/torchtitan.ts";
import { exportServing, servingTargets } from "./export-serving.ts";
import { importLaunch } from "./import.ts";

export type { Target } from "./export/target.ts";

/** Targets; to add one, add a file and a line here. */
export const targets: readonly Target[] = Object.freeze([megatronTarget, torchtitanTarget, nemoTarget]);

export interface Lost {
  /** Key of the scenario. */
  readonly path: string;
  readonly value: unknown;
  /** What the text gives instead. */
  readonly instead: unknown;
  readonly reason: string;
}

export interface LaunchExport {
  readonly kind: string;
  readonly text: string;
  readonly lost: readonly Lost[];
}

/**
 * Launch settings of a design.
 * @throws ProblemError for an unknown target, or a model that neither the target nor the catalog has a name for.
 */
export function exportLaunch(kind: string, design: Design): LaunchExport {
  const target = targets.find(({ name }) => name === kind.toLowerCase());
  const engine = servingTargets.find(({ name }) => name === kind.toLowerCase());
  if (target !== undefined) return exportTraining(target, trainingOf(design, target.name));
  if (engine === undefined) throw new ProblemError([unknownTarget(kind)]);
  if (design.kind === "serving") return exportServing(engine, design);
  const message = `${engine.name} belongs to serving; this scenario is of kind ${design.kind}`;
  throw new ProblemError([{ path: "workload.kind", message }]);
}

function exportTraining(target: Target, design: DesignOf<"training">): LaunchExport {
  const { text, model } = target.write(design);
  const c = design.training.case;
  const named = models.find(c.model.name)?.name;
  if (model === "not stated" && named === undefined) {
    const message = `${target.name} cannot say the sizes of ${c.model.name}, and the catalog has no name for it`;
    throw new ProblemError([{ path: "workload.model", message, hint: "export to another target" }]);
  }
  const again = readBack(target, text, design, model === "stated" ? undefined : named);
  const explained = (found: Omit<Lost, "reason">): Lost => ({ ...found, reason: reasonOf(target, found.path) });
  const lost =
    again instanceof ProblemError
      ? [...unsaid(c).map(explained), ...again.problems.map((problem) => refused(c, problem))]
      : differences(c, again.training.case).map(explained);
  const unnamed: Lost = {
    path: "workload.model",
    value: c.model.name,
    instead: "nothing",
    reason: reasonOf(target, "workload.model"),
  };
  const stack = c.software.name;
  const other: Lost = {
    path: "software",
    value: softwareName(c.software),
    instead: `the stack of ${target.name}`,
    reason: "these settings run on another stack: what no word says is as that one has it",
  };
  const first = [...(model === "stated" ? [] : [unnamed]), ...(target.stacks.includes(stack) ? [] : [other])];
  return { kind: target.name, text, lost: [...first, ...lost] };
}

function unknownTarget(kind: string): Problem {
  const names = [...targets, ...servingTargets].map(({ name }) => name);
  const near = suggestion(kind, names);
  const hint = near === undefined ? `known: ${names.join(", ")}` : `did you mean "${near}"?`;
  return { path: "kind", message: `unknown target "${kind}"`, hint };
}

function reasonOf({ reasons }: Target, path: string): string {
  return reasons.find((each) => each.path.test(path))?.reason ?? "";
}

/** What no launch file says, whatever else it does. */
function unsaid(c: Case): readonly Omit<Lost, "reason">[] {
  const { pools: _pools, stragglers: _slow, jitter: _jitter, lengths: _lengths, objective: _objective, ...plain } = c;
  return differences(c, plain);
}

/** What keeps the text from being a scenario by itself: the design needs what the target cannot say. */
function refused(c: Case, { path, message }: Problem): Lost {
  return {
    path,
    value: comparable(c).get(path) ?? "as written",
    instead: "nothing that can be read again",
    reason: message,
  };
}

/**
 * Imports the text with what no launch file says: machines, stack, and a model that could not be written. Where what was
 * lost leaves an impossible design (a batch that divides over pools only, a host that the catalog's node lacks), the
 * problems are the answer.
 */
function readBack(
  target: Target,
  text: string,
  design: DesignOf<"training">,
  model: string | undefined,
): DesignOf<"training"> | ProblemError {
  const { cluster, software: stack } = design.training.case;
  const base = `${stack.name}@${stack.version.replace(/-changed$/, "")}`;
  const known = software.find(base) === undefined ? {} : { software: base };
  try {
    const { design: again } = importLaunch({
      text,
      file: target.name,
      format: target.format,
      node: cluster.node.name,
      nodes: cluster.nodes,
      ...known,
      ...(model === undefined ? {} : { model }),
    });
    return trainingOf(again);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error;
  }
}

/** Every value that did not come back. */
function differences(before: Case, after: Case): readonly Omit<Lost, "reason">[] {
  const [old, now] = [comparable(before), comparable(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [value, instead] = [old.get(path), now.get(path)];
    if (JSON.stringify(value) === JSON.stringify(instead)) return [];
    if (path === "workload.model") return [{ path, value: before.model.name, instead: after.model.name }];
    return [{ path, value, instead }];
  });
}
