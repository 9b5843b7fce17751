/** From a training scenario to its design: every name looked up, every default written down, every division checked. */

import type { Problem } from "../../base/problem.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import {
  clustersOf,
  type Layout,
  type NaturalRouting,
  oneRank,
  type SequenceLengths,
  type SoftwareProfile,
  type TrainingCase,
  type TrainingPrecision,
} from "../../training/index.ts";
import type { LayoutText } from "../schema/layout.ts";
import type { Scenario } from "../schema/parse.ts";
import type { TrainingText } from "../schema/workload.ts";
import type { TrainingDesign } from "../training/design.ts";
import { busiestTime } from "../training/links.ts";
import { balancedCase } from "./balance.ts";
import { layOnFabric } from "./contention.ts";
import { resolveLengths } from "./lengths.ts";
import { type Files, resolveModel } from "./model.ts";
import { emptyNotes, given, type Notes, problem, throwProblems } from "./notes.ts";
import { aloneProblems, layoutOver, type NamedCluster, type PoolsLayout, resolveHardware } from "./pools.ts";
import { resolvePrecision } from "./precision.ts";
import { resolvePrices } from "./prices.ts";
import { resolveReliability } from "./reliability.ts";
import { noteDropped, resolveRouting } from "./routing.ts";
import { resolveSoftware } from "./software.ts";
import { resolveStragglers } from "./stragglers.ts";
import { checkPasses, resolveExchange, resolveObjective, resolveTuning } from "./tuning.ts";

/**
 * The design of a training scenario.
 * @param part nodes of a cluster that others share: taken as they are, and not laid on a fabric of their own.
 * @throws ProblemError with every problem found: unknown names, impossible layouts, broken model files.
 */
export function resolveTraining(
  scenario: Scenario,
  workload: TrainingText,
  files: Files,
  part?: Cluster,
): TrainingDesign {
  const notes = emptyNotes();
  const plain = resolveCase(scenario, workload, { files, ...(part === undefined ? {} : { part }) }, notes);
  const { case: c, fabric } =
    part === undefined ? layOnFabric(plain, scenario.seed ?? 0, notes) : { case: plain, fabric: undefined };
  const reliability = resolveReliability(scenario, c, workload.tokens, notes);
  throwProblems(notes, scenario.places);
  // Nothing is priced without a length of the run, so what prices would be assumed is not worth saying.
  const prices = resolvePrices(scenario.economics, clustersOf(c), workload.tokens === undefined ? emptyNotes() : notes);
  const { acceleratorHour, energy } = scenario.economics ?? {};
  if (workload.tokens === undefined && (acceleratorHour !== undefined || energy !== undefined)) {
    notes.warnings.push(
      "economics has prices, but cost and energy are those of a whole run, which workload.tokens states",
    );
  }
  return {
    name: scenario.name,
    seed: scenario.seed ?? 0,
    case: c,
    ...(fabric === undefined ? {} : { fabric, leastStep: busiestTime(fabric) }),
    ...(workload.tokens === undefined ? {} : { tokens: workload.tokens }),
    prices,
    ...(reliability === undefined ? {} : { reliability }),
    ...(scenario.flopConvention === undefined ? {} : { flopConvention: scenario.flopConvention }),
    assumptions: notes.assumptions,
    warnings: notes.warnings,
  };
}

/**
 * Everything but the layout, and what lays a layout as written over it. The case has a layout of ones in its place.
 * @throws ProblemError with what is wrong whatever the layout.
 */
export function resolveUnlaid(scenario: Scenario, workload: TrainingText, files: Files): UnlaidTraining {
  const notes = emptyNotes();
  let over: Parameters<typeof layoutOver>[1] | undefined;
  const lay: typeof layoutOver = (_, context) => {
    over = context;
    return { layout: oneRank, balance: "even" };
  };
  const c = resolveCase({ ...scenario, layout: {} }, workload, { files, lay }, notes);
  throwProblems(notes, scenario.places);
  const context = over;
  if (context === undefined) throw new Error("nothing was laid");
  const passes = c.objective;
  return {
    case: c,
    batch: workload.globalBatch,
    lay: (written) => {
      const own = emptyNotes("problems");
      const laid = layoutOver(written, context, own);
      if (laid !== undefined) resolveExchange(c.tuning, laid.layout, own);
      if (laid !== undefined && passes !== undefined) checkPasses(passes, laid.layout, own);
      if (laid === undefined || own.problems.length > 0) return { problems: own.problems };
      const sequences = c.globalBatch / workload.globalBatch;
      if (sequences === 1) return { layout: laid.layout };
      return { layout: { ...laid.layout, microBatch: laid.layout.microBatch * sequences } };
    },
  };
}

/** A job without its layout. */
export interface UnlaidTraining {
  readonly case: TrainingCase;
  /** The global batch as written: in pairs where the objective trains pairs. */
  readonly batch: number;
  readonly lay: (written: LayoutText) => LaidLayout;
}

export type LaidLayout = { readonly layout: Layout } | { readonly problems: readonly Problem[] };

function resolveCase(
  scenario: Scenario,
  workload: TrainingText,
  {
    files,
    part,
    lay = layoutOver,
  }: { readonly files: Files; readonly part?: Cluster; readonly lay?: typeof layoutOver },
  notes: Notes,
): TrainingCase {
  const { cluster, pools } =
    part === undefined ? resolveHardware(scenario.cluster, notes) : { cluster: part, pools: undefined };
  const model = resolveModel(workload.model, files, notes);
  const precision = resolvePrecision(workload, pools === undefined ? cluster : undefined, notes);
  const tuning = resolveTuning(workload, { precision, model }, notes);
  const loss = model === undefined ? undefined : resolveObjective(workload, { tuning, model, files }, notes);
  const multiTokenModules = model === undefined ? 0 : resolveMultiToken(workload, model, notes);
  const highPrecisionLayers = resolveHighPrecision(workload, precision, model, notes);
  const hardware = { cluster, model, ...(pools === undefined ? {} : { pools }) };
  const run = resolveRun(scenario, workload, { files, lay }, { ...hardware, precision, multiTokenModules }, notes);
  const { laid, sequenceLength } = run;
  if (laid !== undefined) resolveExchange(tuning, laid.layout, notes);
  if (laid !== undefined && loss !== undefined) checkPasses(loss.objective, laid.layout, notes);
  if (pools !== undefined) aloneProblems(scenario, laid?.layout, notes);
  const stragglers = resolveStragglers(scenario, laid?.layout, cluster, notes);
  if (model?.maximumLength !== undefined && sequenceLength > model.maximumLength) {
    notes.warnings.push(
      `${model.name} states at most ${model.maximumLength} tokens; the scenario trains ${sequenceLength}`,
    );
  }
  throwProblems(notes, scenario.places);
  if (cluster === undefined || model === undefined || laid === undefined) throw new Error("a part is missing");
  const sequences = loss?.sequences ?? 1;
  const plain: TrainingCase = {
    model,
    cluster,
    ...(laid.spread === undefined ? {} : { pools: laid.spread }),
    sequenceLength,
    ...(run.lengths === undefined ? {} : { lengths: run.lengths }),
    globalBatch: workload.globalBatch * sequences,
    precision,
    tuning,
    multiTokenModules,
    highPrecisionLayers,
    ...(loss === undefined ? {} : { objective: loss.objective }),
    layout: { ...laid.layout, microBatch: laid.layout.microBatch * sequences },
    software: run.software,
    ...(run.routing === undefined ? {} : { routing: run.routing }),
    ...stragglers,
  };
  noteDropped(plain, notes);
  return laid.balance === "balanced" ? balancedCase(plain, notes) : plain;
}

/** How the job runs on its hardware. */
interface Run {
  readonly software: SoftwareProfile;
  readonly routing: NaturalRouting | undefined;
  /** Of each sequence, or of the longest row. */
  readonly sequenceLength: number;
  readonly lengths: SequenceLengths | undefined;
  readonly laid: PoolsLayout | undefined;
}

function resolveRun(
  scenario: Scenario,
  workload: TrainingText,
  { files, lay }: { readonly files: Files; readonly lay: typeof layoutOver },
  on: {
    readonly cluster: Cluster | undefined;
    readonly model: ModelArchitecture | undefined;
    readonly pools?: readonly NamedCluster[];
    readonly precision: TrainingPrecision;
    readonly multiTokenModules: number;
  },
  notes: Notes,
): Run {
  const { cluster, model } = on;
  const layout = scenario.layout === "auto" ? undefined : scenario.layout;
  const software = resolveSoftware(scenario.software, cluster?.node.accelerator, notes);
  const routing = resolveRouting(workload, model, software, notes);
  const given = { files, seed: scenario.seed ?? 0, software, layout };
  const uneven = workload.lengths === undefined ? undefined : resolveLengths(workload.lengths, given, notes);
  if (uneven !== undefined && scenario.stragglers !== undefined) {
    problem(notes, "stragglers", "stragglers with workload.lengths: not modelled", "write one sequenceLength");
  }
  const sequenceLength = workload.sequenceLength ?? uneven?.packedLength ?? 0;
  const context = {
    sequenceLength,
    lengthPath: workload.lengths === undefined ? "workload.sequenceLength" : "workload.lengths.packedLength",
    globalBatch: workload.globalBatch,
    software,
    between: scenario.cluster.between,
  };
  const known = cluster !== undefined && model !== undefined && layout !== undefined;
  const laid = known ? lay(layout, { ...on, ...context, cluster, model }, notes) : undefined;
  return { software, routing, sequenceLength, lengths: uneven?.lengths, laid };
}

function resolveMultiToken(workload: TrainingText, model: ModelArchitecture, notes: Notes): number {
  const path = "workload.multiTokenPrediction";
  const stored = model.multiToken?.modules ?? 0;
  const trained = workload.multiTokenPrediction;
  if (trained === undefined && stored > 0) {
    return given(notes, path, undefined, 0, `not given; ${model.name} has ${stored}, which are left out`);
  }
  if (trained !== undefined && trained > 0 && stored === 0) {
    problem(notes, path, `${model.name} has no multi-token prediction modules`, "remove it");
  }
  return trained ?? 0;
}

const lowPrecisions: readonly TrainingPrecision[] = ["fp8-delayed", "fp8-current", "fp8-block", "mxfp8", "nvfp4"];

function resolveHighPrecision(
  workload: TrainingText,
  precision: TrainingPrecision,
  model: ModelArchitecture | undefined,
  notes: Notes,
): { readonly first: number; readonly last: number } {
  const path = "workload.highPrecisionLayers";
  const low = lowPrecisions.includes(precision);
  const written = workload.highPrecisionLayers;
  const first = written?.first ?? 0;
  const last = written?.last ?? 0;
  if (written === undefined) {
    if (low) notes.assumptions.push({ path, value: "none", reason: `not given; all layers run in ${precision}` });
    return { first, last };
  }
  if (!low && first + last > 0) {
    problem(notes, path, `has no effect with precision: ${precision}`, "remove it");
  }
  if (model !== undefined && first + last > model.layers.length) {
    problem(notes, path, `${first} + ${last} layers of a model that has ${model.layers.length}`);
  }
  return { first, last };
}
