/**
 * The silicon sample of aiconfigurator: closed loops on TensorRT-LLM, vLLM and SGLang, as a CSV and, for some, as rows.
 *
 * Rows of InferenceX (those with a date) have lengths from 0.8 of the nominal up to it and ten prompts for each client;
 * the vendor's own runs have fixed lengths. Which statistic the times are is not stated: they are taken for means.
 */

import type { Assumption, Section } from "../../record.ts";
import { assume, type Draft } from "../converter.ts";
import type { RawRow } from "../raw.ts";
import { closedLoop, cutReadings } from "./closed-loop.ts";
import { draftingOf } from "./drafting.ts";
import { servedEngine } from "./engine.ts";
import { harnessSettings } from "./harness.ts";
import { clusterOf, type Machine, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf, withPrimaries } from "./readings.ts";
import { readFloor } from "./reads.ts";
import { scriptedLayout } from "./scripted-layout.ts";
import { type Degrees, type SiliconRow, siliconRow } from "./silicon-row.ts";

export const silicon: ServingReader = {
  name: "silicon sample",
  matches: ({ id, workload }) => id.startsWith("aic-silicon-") || workload.silicon_data_source !== undefined,
  read(row) {
    const point = siliconRow(row);
    if ("skip" in point) return point;
    const machine = machineNamed(point.system);
    if (machine === undefined) return { skip: `the accelerator ${point.system} is not in the catalog` };
    const served = servedModel(point.model, point.precision);
    if ("skip" in served) return served;
    const engine = servedEngine(point.backend, point.version, point.month);
    if ("skip" in engine) return engine;
    const drafting = draftingOf(point);
    const scripted = scriptedLayout(engine, point);
    const ran = { ...point, layout: scripted.layout };
    const settings = harnessSettings(engine, ran, drafting.engine.speculation === undefined ? "plain" : "drafts");
    const layout = layoutOf(scripted, machine);
    const precision = pointPrecision(point, served.precision);
    const { entries, unconverted } = readingsOf(row);
    const readings = cutReadings(point, withPrimaries(entries));
    const draft: Draft = {
      use: "judge",
      cluster: layout.cluster,
      workload: { kind: "serving", model: served.model, requests: requestsOf(point) },
      serving: {
        engine: {
          name: engine.name,
          version: engine.version,
          ...(precision === undefined ? {} : { precision }),
          ...settings.engine,
          ...drafting.engine,
          prefixCaching: point.prompts > 0 ? "on" : "off",
        },
        ...layout.serving,
      },
      inferred: [...engine.inferred, ...drafting.inferred, ...(point.prompts > 0 ? ["workload.requests.prefix"] : [])],
      assumptions: [
        ...served.assumptions,
        ...engine.assumptions,
        ...settings.assumptions,
        ...scripted.assumptions,
        ...drafting.assumptions,
        ...point.assumptions,
        ...readings.assumptions,
        ...common(point),
      ],
      ...anomalyOf(row, ran, { model: served.model, precision, machine }),
    };
    return { draft, readings: { measured: readings.measured, unconverted }, quote: point.quote };
  },
};

/** Products with scales by block of weights, where the row says so and the entry itself is 16-bit. */
function pointPrecision({ gemm }: SiliconRow, precision: string | undefined): string | undefined {
  return precision === "fp8" && gemm === "fp8_block" ? "fp8-block" : precision;
}

/** Repeated prompts are found whole but for their last block. */
function requestsOf(point: SiliconRow): Section {
  const requests = closedLoop(point);
  if (point.prompts === 0) return requests;
  const prefix = { groups: point.prompts, promptsPerGroup: 1, tokens: point.input, order: "in-turn" };
  return { ...requests, input: 1, prefix };
}

function common({ harness, prompts }: SiliconRow): readonly Assumption[] {
  return [
    assume("measured", "means", "the statistic is not stated"),
    prompts > 0
      ? assume(
          "workload.requests.prefix",
          `${prompts} prompts over and over`,
          "the tool's default; all new ones would need more than the accelerator's peak",
        )
      : assume("serving.engine.prefixCaching", "off", "random prompts: nothing is found"),
    ...(harness === "inferencex"
      ? [assume("workload.requests", "0.8 to 1 of nominal", "the benchmark's scripts draw lengths from that range")]
      : []),
  ];
}

interface Placed {
  readonly cluster: Section;
  readonly serving: Section;
}

function layoutOf({ layout }: Pick<SiliconRow, "layout">, machine: Machine): Placed {
  if ("all" in layout) {
    const { all } = layout;
    return { cluster: clusterOf(machine, sizeOf(all)), serving: { replicas: 1, ...degreesOf(all) } };
  }
  const { prefill, decode } = layout;
  const wanted = prefill.workers * sizeOf(prefill) + decode.workers * sizeOf(decode);
  // Replicas do not cross nodes unless they are larger: count whole nodes for each pool.
  const nodes = nodesOf(machine, prefill) + nodesOf(machine, decode);
  const together = Math.ceil(wanted / machine.perNode);
  return {
    cluster: { node: machine.node, nodes: Math.max(nodes, together) },
    serving: {
      pools: {
        prefill: { replicas: prefill.workers, ...degreesOf(prefill) },
        decode: { replicas: decode.workers, ...degreesOf(decode) },
      },
    },
  };
}

function nodesOf({ perNode }: Machine, pool: Degrees & { readonly workers: number }): number {
  const size = sizeOf(pool);
  return size >= perNode
    ? pool.workers * Math.ceil(size / perNode)
    : Math.ceil(pool.workers / Math.floor(perNode / size));
}

function sizeOf({ tensor, pipeline, attentionData }: Degrees): number {
  return tensor * pipeline * attentionData;
}

/** Degrees above one, as the language writes them. */
function degreesOf({ tensor, pipeline, expert, attentionData }: Degrees): Section {
  const some = (key: string, value: number): Section => (value > 1 ? { [key]: value } : {});
  return { tensor, ...some("pipeline", pipeline), ...some("expert", expert), ...some("attentionData", attentionData) };
}

/** Tokens faster than weights can be read were drafted, though the row does not say so. */
function anomalyOf(
  row: RawRow,
  { layout, concurrency }: SiliconRow,
  {
    model,
    precision,
    machine,
  }: { readonly model: string; readonly precision: string | undefined; readonly machine: Machine },
): Pick<Draft, "anomaly"> {
  const decoding = "all" in layout ? { ...layout.all, workers: 1 } : layout.decode;
  const perToken = row.measured.find(({ metric }) => metric === "tpot")?.value;
  const floor = readFloor({
    model,
    ...(precision === undefined ? {} : { precision }),
    node: machine.node,
    ranks: sizeOf(decoding),
    sequences: Math.max(1, concurrency / decoding.workers),
  });
  if (perToken === undefined || floor === undefined || perToken >= floor * msPerSecond) return {};
  const least = (floor * msPerSecond).toFixed(2);
  return {
    anomaly: `${perToken.toFixed(2)} ms a token, and reading the weights takes ${least} ms: tokens were drafted, unsaid`,
  };
}

const msPerSecond = 1000;
