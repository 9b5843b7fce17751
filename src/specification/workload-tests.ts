/** Tests of the work itself: the training step, the service at its predicted load, and the store that the job counts on. */

import { ProblemError } from "../base/problem.ts";
import { formatQuantity } from "../base/quantity.ts";
import { isServingMetric } from "../evidence/index.ts";
import { exportLaunch, targets } from "../launch/index.ts";
import type { DesignOf, Prediction } from "../scenario/index.ts";
import type { Drafts } from "./draft.ts";
import type { Limit } from "./specification.ts";

export function trainingTests(design: DesignOf<"training">, prediction: Prediction): Drafts {
  const { training } = design;
  const { cluster, globalBatch, sequenceLength, software, model } = training.case;
  const target = targets.find(({ stacks }) => stacks.includes(software.name));
  const start =
    target === undefined
      ? `start one run of ${model.name} with ${software.name} as the scenario lays it out`
      : `windtunnel export ${target.name} SCENARIO -o launch.sh && bash launch.sh`;
  const id = "JOB";
  const text = `A step of ${model.name} on ${cluster.accelerators} accelerators takes no longer than predicted, within the error of the models.`;
  return {
    drafts: [
      {
        requirement: { id, text, verification: "test" },
        tests: [
          {
            id: `${id}-step`,
            requirement: id,
            kind: "training-step",
            title: `${globalBatch} sequences of ${sequenceLength} tokens a step, 100 steps after the start`,
            scope: "cluster",
            logs: 1,
            command: `${start} 2>&1 | tee training.log`,
            match: { globalBatch, sequenceLength, accelerators: cluster.accelerators },
            limits: [limitOf(prediction, "stepTime", "at-most")],
          },
        ],
      },
    ],
    notCovered: [],
  };
}

/** The store as the scenario describes it: what goodput was counted with. */
export function storageTests({ training }: DesignOf<"training">): Drafts {
  const store = training.reliability?.store;
  const limits = (["write", "read"] as const).flatMap((way): Limit[] => {
    const rate = store?.[way];
    return rate === undefined ? [] : [givenRate(`${way}Bandwidth`, rate, "storage")];
  });
  if (limits.length === 0) {
    return { drafts: [], notCovered: ["storage: the scenario states no bandwidth of a store"] };
  }
  const id = "STORE";
  const both = limits.length === 2 ? "readwrite" : limits[0]?.metric === "writeBandwidth" ? "write" : "read";
  return {
    drafts: [
      {
        requirement: {
          id,
          text: "The store takes and gives checkpoints at the rates that the design counts on, from all nodes at once.",
          verification: "test",
        },
        tests: [
          {
            id: `${id}-fio`,
            requirement: id,
            kind: "storage",
            title: "large sequential writes and reads from all nodes at once, one after the other",
            scope: "cluster",
            logs: 1,
            command: fioCommand(both),
            match: { program: "fio" },
            limits,
          },
        ],
      },
    ],
    notCovered: [],
  };
}

/** One job a direction; the second waits for the first. */
function fioCommand(ways: "readwrite" | "write" | "read"): string {
  const job = (way: string): string => `--name=${way} --stonewall --rw=${way}`;
  const jobs = ways === "readwrite" ? [job("write"), job("read")] : [job(ways)];
  const common =
    "--directory=/mnt/store --ioengine=libaio --direct=1 --bs=4M --iodepth=16 --numjobs=8 --size=16G --group_reporting";
  return `fio --client=hosts --output-format=json --output=fio.json ${common} ${jobs.join(" ")}`;
}

function givenRate(metric: string, rate: number, path: string): Limit {
  return {
    metric,
    unit: "B/s",
    direction: "at-least",
    predicted: null,
    threshold: rate,
    trust: "given",
    formula: "bytes / time, all nodes together",
    reason: `given by ${path} of the scenario: goodput and cost count on it`,
    sources: ["fio"],
  };
}

/** Statistics whose error is known, and the latency targets of the scenario. */
export function servingTests(design: DesignOf<"serving">, prediction: Prediction): Drafts {
  const { serving } = design;
  const id = "SERVICE";
  const rates = ["outputTokensPerSecond", "requestsPerSecond"];
  const means = Object.keys(prediction.metrics).filter((name) => name.endsWith(".mean") && isServingMetric(name));
  const targeted = prediction.targets ?? [];
  const limits = [
    ...rates.filter((name) => name in prediction.metrics).map((name) => limitOf(prediction, name, "at-least")),
    ...means.map((name) => limitOf(prediction, name, "at-most")),
    ...targeted.filter(({ className }) => className === undefined).map(sloLimit),
  ];
  const single = targeted.flatMap(({ metric, className }) =>
    className === undefined
      ? []
      : [`${metric} of ${className} requests: results of benchmarks do not tell classes apart`],
  );
  if (limits.length === 0) return { drafts: [], notCovered: ["the service: nothing is predicted of it"] };
  const { command, match } = loadOf(design);
  return {
    drafts: [
      {
        requirement: {
          id,
          text: `The service of ${serving.model.name} answers the described load as fast as predicted, within the error of the models, and within its latency targets.`,
          verification: "test",
        },
        tests: [
          {
            id: `${id}-load`,
            requirement: id,
            kind: "serving",
            title: "the described requests at the described rate, once the engines are warm",
            scope: "cluster",
            logs: 1,
            command,
            match,
            limits,
          },
        ],
      },
    ],
    notCovered: single,
  };
}

const saved =
  "--save-result --result-filename serving.json --percentile-metrics ttft,tpot,itl,e2el --metric-percentiles 50,90,95,99";

/** The benchmark of the very requests where its arguments can say them. */
function loadOf(design: DesignOf<"serving">): { readonly command: string; readonly match: Record<string, number> } {
  const [only, ...others] = design.serving.requests.source === "described" ? design.serving.requests.spec.classes : [];
  const constant = (law: { readonly kind: string; readonly value?: number } | undefined): number | undefined =>
    law?.kind === "constant" && others.length === 0 ? law.value : undefined;
  const [input, output] = [constant(only?.input), constant(only?.output)];
  const match = {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
  };
  const bench = benchOf(design);
  const otherwise = `replay the scenario's requests with vllm bench serve, AIPerf or inference-perf and save the result as JSON`;
  return { command: bench === undefined ? otherwise : `${bench} \\\n  ${saved}`, match };
}

function benchOf(design: DesignOf<"serving">): string | undefined {
  try {
    const { text } = exportLaunch("vllm", design);
    const at = text.indexOf("vllm bench serve");
    return at < 0 ? undefined : text.slice(at).trim();
  } catch (error) {
    // A model or a layout that the launch command has no word for: the benchmark is described in words.
    if (!(error instanceof ProblemError)) throw error;
    return undefined;
  }
}

function sloLimit({
  metric,
  most,
  value,
}: {
  readonly metric: string;
  readonly most: number;
  readonly value: number;
}): Limit {
  return {
    metric,
    unit: "s",
    direction: "at-most",
    predicted: value,
    threshold: most,
    trust: "given",
    formula: "nearest rank over all requests",
    reason: `given by workload.slo of the scenario; predicted is ${formatQuantity(value, "seconds")}`,
    sources: [],
  };
}

/** The far edge of a metric's interval. */
function limitOf({ metrics, units, basis }: Prediction, metric: string, direction: Limit["direction"]): Limit {
  const { interval = null, trust = "assumed", nearest } = basis[metric] ?? {};
  const predicted = metrics[metric] ?? null;
  const threshold = interval === null ? null : interval[direction === "at-least" ? 0 : 1];
  const near = nearest === undefined ? "" : `; nearest measured run ${nearest.id}`;
  const reason =
    threshold === null
      ? `no threshold: too few measured runs of this kind, hardware and model judge it${near}`
      : `${direction === "at-least" ? "lower" : "upper"} edge of the 90 % interval of measured runs of this kind${near}`;
  return {
    metric,
    unit: units[metric] ?? "1",
    direction,
    predicted,
    threshold,
    trust: threshold === null ? "assumed" : trust,
    formula: `the model's ${metric}: windtunnel explain shows its parts`,
    reason,
    sources: [],
  };
}
