/**
 * The step's breakdown as a tree of named terms, in seconds. Everything adds up: the busiest rank's work over all
 * micro-batches, the bubble while it waits for the others, then what happens once a step. Parts that are zero are left
 * out.
 */

import { leaf, sumOf, type Term, type TermHead } from "../base/term.ts";
import type { PartTimes } from "../compute/index.ts";
import type { AuxiliaryTime } from "./auxiliary.ts";
import type { StageParts, StageTimes } from "./stage-times.ts";
import type { StepBreakdown } from "./step.ts";

/** Text of one leaf. */
interface LeafText<Name extends string> {
  readonly name: Name;
  readonly label: string;
  readonly formula: string;
  readonly source: string;
}

const partTexts: readonly LeafText<keyof PartTimes>[] = [
  {
    name: "matrix",
    label: "matrix products",
    formula: "max(t0 + max(FLOP / (peak x efficiency), bytes / (bandwidth x efficiency)), FLOP x energy / power limit)",
    source: "aiconfigurator",
  },
  {
    name: "attention",
    label: "attention core",
    formula: "causal score and value products at the kernel's efficiency",
    source: "aiconfigurator",
  },
  {
    name: "experts",
    label: "routed experts",
    formula: "grouped products over the local experts",
    source: "aiconfigurator",
  },
  {
    name: "elementwise",
    label: "norms, activations, residuals, loss",
    formula: "bytes / (bandwidth x efficiency) x passes of the stack",
    source: "vidur",
  },
  {
    name: "quantize",
    label: "casts to low precision",
    formula: "cast bytes per operand / bandwidth",
    source: "transformer-engine-docs",
  },
  {
    name: "recurrent",
    label: "recurrent scan",
    formula: "scan FLOP / (peak x share) + convolution bytes",
    source: "aiconfigurator",
  },
  {
    name: "unpack",
    label: "frozen weights unpacked",
    formula: "(stored + 16-bit bytes) x weights / bandwidth before each product",
    source: "dettmers-2023-qlora",
  },
  {
    name: "adapters",
    label: "low-rank adapters",
    formula: "products of both factors, scaling, addition",
    source: "hu-2021-lora",
  },
];

/** Leaves of a stage that recur with every micro-batch. */
const communicationTexts: readonly LeafText<"tensor" | "context" | "expert" | "sharded" | "offload" | "transfer">[] = [
  {
    name: "tensor",
    label: "tensor parallel",
    formula: "m x layers x collectives not under computation",
    source: "korthikanti-2022",
  },
  {
    name: "context",
    label: "context parallel",
    formula: "m x layers x key and value exchange beyond the attention core",
    source: "liu-2023-ring",
  },
  {
    name: "expert",
    label: "expert parallel",
    formula: "m x layers x (dispatch + combine + 2 rows x row time) not under computation",
    source: "megatron-bridge-summary",
  },
  {
    name: "sharded",
    label: "weights gathered and gradients scattered",
    formula: "max(computation, all-gather + reduce-scatter) - computation, per micro-batch",
    source: "zhao-2023-fsdp",
  },
  {
    name: "offload",
    label: "activations to and from host memory",
    formula: "max(0, offloaded bytes / link - computation) in each pass, per micro-batch",
    source: "ren-2021-zero-offload",
  },
  {
    name: "transfer",
    label: "pipeline transfers",
    formula: "2 m x activations between stages, where they are not overlapped",
    source: "narayanan-2021",
  },
];

const waitTexts: readonly LeafText<"interference" | "launch">[] = [
  {
    name: "interference",
    label: "computation slowed by hidden communication",
    formula: "share x time of communication under computation",
    source: "calculon",
  },
  {
    name: "launch",
    label: "waiting for kernel launches",
    formula: "m x max(0, kernels x launch time - computation), and the wait of routed blocks for their shapes",
    source: "pytorch-dispatch",
  },
];

const onceTexts: readonly LeafText<
  | "gradientReduce"
  | "parameterGather"
  | "updateInterference"
  | "optimizer"
  | "orthogonalisation"
  | "hostUpdate"
  | "fixed"
  | "stragglers"
>[] = [
  {
    name: "gradientReduce",
    label: "gradient reduction",
    formula: "max(last bucket, reduction - last backward)",
    source: "rajbhandari-2020",
  },
  {
    name: "parameterGather",
    label: "parameter gather",
    formula: "max(first bucket, gather - first forward)",
    source: "rajbhandari-2020",
  },
  {
    name: "updateInterference",
    label: "computation slowed by reduction and gather",
    formula: "share x time of both under the last backward and the first forward pass",
    source: "calculon",
  },
  {
    name: "optimizer",
    label: "optimizer update",
    formula: "state bytes of the owned parameters / memory bandwidth",
    source: "rajbhandari-2020",
  },
  {
    name: "orthogonalisation",
    label: "Newton-Schulz iterations of Muon",
    formula: "5 x (4 n^2 m + 2 n^3) FLOP for each matrix of this rank",
    source: "jordan-2024-muon",
  },
  {
    name: "hostUpdate",
    label: "optimizer update on the host",
    formula: "longest of gradients down, state through host memory, weights up; beside the accelerator's own update",
    source: "ren-2021-zero-offload",
  },
  {
    name: "fixed",
    label: "fixed work per step",
    formula: "data loading, loss, clipping",
    source: "megatron-bridge-summary",
  },
  {
    name: "stragglers",
    label: "ranks finishing at different times",
    formula: "share x ceil(log2 nodes) x step",
    source: "jiang-2024-megascale",
  },
];

/** The tree; `pool` names the hardware of the busiest rank where there is more than one. */
export function stepTerm(step: StepBreakdown, parts: StageParts, pool?: string): Term {
  const { busiest, microBatches } = step;
  const repeated = (text: LeafText<keyof StageTimes>): Term => calibrated(text, microBatches * busiest[text.name]);
  const before = step.auxiliary.length > 0 ? "passes + " : "";
  const [reduce, gather, ...after] = onceTexts.map((text) => once(text, step));
  const head = {
    name: "step",
    label: "step time",
    formula: "computation + exposed communication + waiting + bubble + update",
  };
  return sum(head, [
    computation(parts, microBatches, pool),
    sum({ name: "communication", label: "exposed communication" }, [
      ...communicationTexts.map(repeated),
      ...(reduce === undefined || gather === undefined ? [] : [reduce, gather]),
    ]),
    ...step.auxiliary.map(auxiliary),
    ...waitTexts.map(repeated),
    lengthImbalance(step),
    leaf({
      name: "bubble",
      label: "pipeline bubble",
      formula: "pipeline time - m x work of the busiest rank",
      source: "narayanan-2021",
      origin: "derived",
      value: step.bubble,
    }),
    ...after,
    leaf({
      name: "injectedStragglers",
      label: "slow ranks of the scenario",
      formula: `E[max over ranks of (${before}pipeline + exchange + optimizer)] - the same without them`,
      source: "lin-2025-stragglers",
      origin: "given",
      value: step.injectedStragglers,
    }),
  ]);
}

const auxiliaryLabels: Readonly<Record<AuxiliaryTime["name"], string>> = {
  reference: "reference pass without gradients",
  teacher: "teacher pass without gradients",
  divergence: "pass of the trained model without gradients",
};

function auxiliary({ name, time, busiest }: AuxiliaryTime): Term {
  const source = "rafailov-2023-dpo";
  return sum({ name, label: auxiliaryLabels[name], formula: "micro-batches x forward of the busiest rank + filling" }, [
    leaf({
      name: "forward",
      label: "forward of the busiest rank",
      formula: "micro-batches x (computation + exposed communication + waiting)",
      source,
      origin: "calibrated",
      value: busiest,
    }),
    leaf({
      name: "fill",
      label: "pipeline filling",
      formula: "forward-only pipeline time - work of the busiest rank",
      source: "narayanan-2021",
      origin: "derived",
      value: Math.max(0, time - busiest),
    }),
  ]);
}

/** What unequal shares of sequences cost: over the ranks that share one, the pipeline and the data ranks. */
function lengthImbalance({ busiest, microBatches, lengths }: StepBreakdown): Term {
  const context = leaf({
    name: "context",
    label: "busiest context rank",
    formula: "m x layers x (attention of the busiest rank - mean)",
    source: "llama3-2024",
    origin: "calibrated",
    value: microBatches * busiest.imbalance,
  });
  const part = (name: "data" | "pipeline", label: string, formula: string): Term =>
    leaf({ name, label, formula, source: "wang-2025-wlb", origin: "calibrated", value: lengths?.[name] ?? 0 });
  return sum({ name: "lengthImbalance", label: "uneven sequences and shares of them" }, [
    context,
    part("pipeline", "micro-batches of unequal work", "pipeline of a rank's micro-batches - the same at their mean"),
    part("data", "busiest data rank", "mean over steps of the busiest data rank's mean - mean of all"),
  ]);
}

function computation(parts: StageParts, microBatches: number, pool?: string): Term {
  const pass = (name: "forward" | "backward" | "recompute"): Term =>
    sum(
      { name, label: name },
      partTexts.map((text) => calibrated(text, microBatches * parts[name][text.name])),
    );
  return sum(
    {
      name: "computation",
      label: `computation of the busiest rank${pool === undefined ? "" : `, pool ${pool}`}`,
      formula: "m x (forward + backward + recompute)",
    },
    [pass("forward"), pass("backward"), pass("recompute")],
  );
}

function once(text: (typeof onceTexts)[number], step: StepBreakdown): Term {
  const term = calibrated(text, step[text.name]);
  return text.name === "stragglers" ? { ...term, origin: step.jitter } : term;
}

function calibrated(text: LeafText<string>, value: number): Term {
  return leaf({ ...text, value, origin: "calibrated" });
}

/** The sum of its parts, those that are zero left out. */
function sum(head: TermHead, children: readonly Term[]): Term {
  return sumOf(
    head,
    children.filter((child) => child.value !== 0),
  );
}
