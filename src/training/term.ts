/**
 * The step's breakdown as a tree of named terms, in seconds. Everything adds up: the busiest rank's work over all
 * micro-batches, the bubble while it waits for the others, then what happens once a step.
 */

import type { Origin, Term } from "../base/term.ts";
import type { PartTimes } from "../compute/index.ts";
import type { StepBreakdown } from "./step.ts";

interface TermText {
  readonly name: string;
  readonly label: string;
  readonly formula?: string;
  readonly source?: string;
  readonly origin?: Origin;
}

function leaf(text: TermText, value: number): Term {
  return { ...text, value, combine: "leaf", children: [], origin: text.origin ?? "derived" };
}

function sum(text: TermText, children: readonly Term[]): Term {
  const kept = children.filter((child) => child.value !== 0);
  const value = kept.reduce((total, child) => total + child.value, 0);
  return { ...text, value, combine: "sum", children: kept, origin: text.origin ?? "derived" };
}

export function stepTerm(step: StepBreakdown): Term {
  const { busiest, microBatches } = step;
  return sum(
    { name: "step", label: "step time", formula: "computation + exposed communication + waiting + bubble + update" },
    [
      computation(step),
      sum({ name: "communication", label: "exposed communication" }, [
        leaf(
          {
            name: "tensor",
            label: "tensor parallel",
            formula: "m x layers x collectives not under computation",
            source: "korthikanti-2022",
            origin: "calibrated",
          },
          microBatches * busiest.tensor,
        ),
        leaf(
          {
            name: "context",
            label: "context parallel",
            formula: "m x layers x key and value exchange beyond the attention core",
            source: "liu-2023-ring",
            origin: "calibrated",
          },
          microBatches * busiest.context,
        ),
        leaf(
          {
            name: "expert",
            label: "expert parallel",
            formula: "m x layers x (dispatch + combine) not under computation",
            source: "megatron-bridge-summary",
            origin: "calibrated",
          },
          microBatches * busiest.expert,
        ),
        leaf(
          {
            name: "sharded",
            label: "weights gathered and gradients scattered",
            formula: "max(computation, all-gather + reduce-scatter) - computation, per micro-batch",
            source: "zhao-2023-fsdp",
            origin: "calibrated",
          },
          microBatches * busiest.sharded,
        ),
        leaf(
          {
            name: "transfer",
            label: "pipeline transfers",
            formula: "2 m x activations between stages, where they are not overlapped",
            source: "narayanan-2021",
            origin: "calibrated",
          },
          microBatches * busiest.transfer,
        ),
        leaf(
          {
            name: "gradient-reduce",
            label: "gradient reduction",
            formula: "max(last bucket, reduction - last backward)",
            source: "rajbhandari-2020",
            origin: "calibrated",
          },
          step.gradientReduce,
        ),
        leaf(
          {
            name: "parameter-gather",
            label: "parameter gather",
            formula: "max(first bucket, gather - first forward)",
            source: "rajbhandari-2020",
            origin: "calibrated",
          },
          step.parameterGather,
        ),
      ]),
      leaf(
        {
          name: "interference",
          label: "computation slowed by hidden communication",
          formula: "share x time of communication under computation",
          source: "megatron-bridge-summary",
          origin: "calibrated",
        },
        microBatches * busiest.interference,
      ),
      leaf(
        {
          name: "launch",
          label: "waiting for kernel launches",
          formula: "m x max(0, kernels x launch time - computation)",
          source: "megatron-bridge-summary",
          origin: "calibrated",
        },
        microBatches * busiest.launch,
      ),
      leaf(
        {
          name: "bubble",
          label: "pipeline bubble",
          formula: "pipeline time - m x work of the busiest rank",
          source: "narayanan-2021",
        },
        step.bubble,
      ),
      leaf(
        {
          name: "optimizer",
          label: "optimizer update",
          formula: "state bytes of the owned parameters / memory bandwidth",
          source: "rajbhandari-2020",
          origin: "calibrated",
        },
        step.optimizer,
      ),
      leaf(
        {
          name: "fixed",
          label: "fixed work per step",
          formula: "data loading, loss, clipping",
          source: "megatron-bridge-summary",
          origin: "calibrated",
        },
        step.fixed,
      ),
      leaf(
        {
          name: "stragglers",
          label: "ranks finishing at different times",
          formula: "share x ceil(log2 nodes) x step",
          source: "jiang-2024-megascale",
          origin: "calibrated",
        },
        step.stragglers,
      ),
    ],
  );
}

function computation({ busiest, microBatches }: StepBreakdown): Term {
  return sum(
    { name: "computation", label: "computation of the busiest rank", formula: "m x (forward + backward + recompute)" },
    [
      partsTerm({ name: "forward", label: "forward" }, busiest.forward, microBatches),
      partsTerm({ name: "backward", label: "backward" }, busiest.backward, microBatches),
      partsTerm({ name: "recompute", label: "recompute" }, busiest.recompute, microBatches),
    ],
  );
}

const partTexts: readonly (TermText & { readonly name: keyof PartTimes })[] = [
  {
    name: "matrix",
    label: "matrix products",
    formula: "t0 + max(2 m n k / (peak x efficiency), bytes / (bandwidth x efficiency))",
    source: "aiconfigurator-tables",
  },
  {
    name: "attention",
    label: "attention core",
    formula: "causal score and value products at flash efficiency",
    source: "aiconfigurator-tables",
  },
  {
    name: "experts",
    label: "routed experts",
    formula: "grouped products over the local experts",
    source: "aiconfigurator-tables",
  },
  {
    name: "elementwise",
    label: "norms, activations, residuals, loss",
    formula: "bytes / (bandwidth x efficiency)",
    source: "vidur-tables",
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
    formula: "chunked scan FLOP and bytes",
    source: "aiconfigurator-tables",
  },
];

function partsTerm(text: TermText, times: PartTimes, microBatches: number): Term {
  return sum(
    text,
    partTexts.map((part) => leaf({ ...part, origin: "calibrated" }, microBatches * times[part.name])),
  );
}
