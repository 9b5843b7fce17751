/** The software profile of a Megatron-Bridge release with the switches that a recipe's flags set. */

import {
  megatronDispatchers,
  megatronGraphModules,
  megatronGraphs,
  softwareProfiles,
} from "../../../training/index.ts";
import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { type RawRow, textOf } from "../raw.ts";

export function bridgeSoftware(
  row: RawRow,
  flags: Section,
): { readonly software: Section; readonly assumptions: readonly Assumption[] } {
  const release = /^(\d\d\.\d\d)(\.\d+)?/.exec(row.source.where);
  const version = profiledRelease(release?.[0], release?.[1] ?? "26.06");
  const graphs = graphsOf(flags);
  const dispatcher = megatronDispatchers[textOf(flags.moe_dispatcher)];
  const assumptions: Assumption[] = [];
  if (release?.[2] !== undefined && version !== release[0]) {
    assumptions.push(
      assume("software", `megatron-bridge@${version}`, `patch release ${release[0]} taken as ${version}`),
    );
  }
  if (textOf(flags.cuda_graph_note) !== "") {
    assumptions.push(assume("software.cudaGraphs", graphs, textOf(flags.cuda_graph_note)));
  }
  return {
    software: {
      extends: `megatron-bridge@${version}`,
      overlap: {
        tensor: onOff(flags.tp_comm_overlap),
        gradientReduce: onOff(flags.overlap_grad_reduce),
        parameterGather: onOff(flags.overlap_param_gather),
        pipeline: flags.overlap_p2p_comm === false ? "off" : "on",
        expert: onOff(flags.moe_a2a_overlap),
        ...(flags.moe_shared_expert_overlap === true ? { sharedExpert: "on" } : {}),
      },
      ...kernelsOf(flags),
      cudaGraphs: graphs,
      ...scopeOf(flags, graphs),
      ...(flags.cp_comm_type === "a2a" ? { contextExchange: "all-to-all" } : {}),
      ...(dispatcher === undefined ? {} : { dispatcher }),
      ...(typeof flags.moe_hybridep_num_sms === "number"
        ? { dispatchMultiprocessors: flags.moe_hybridep_num_sms }
        : {}),
      ...(row.workload.moe_tokens === "tokendrop" || flags.moe_pad_expert_input_to_capacity === true
        ? { routing: "capacity" }
        : {}),
      bytes: bytesOf(flags),
      ...(flags.optimizer === "dist_muon" ? { optimizerRule: "muon" } : {}),
      ...(dispatcher === undefined ? {} : { expertImbalance: 1 }),
    },
    assumptions,
  };
}

/** A patch release has a profile of its own where its kernels are known to differ; else it is its release. */
function profiledRelease(patch: string | undefined, release: string): string {
  const known = softwareProfiles.some(({ name, version }) => name === "megatron-bridge" && version === patch);
  return known && patch !== undefined ? patch : release;
}

/** Kernels that a recipe chooses itself. */
function kernelsOf(flags: Section): Section {
  const kernels = {
    ...(flags.te_op_fuser === true ? { expertBias: "fused" } : {}),
    ...(flags.moe_router_fusion === false ? { router: "separate" } : {}),
    ...(flags.moe_router_padding_for_quantization === true ? { rowFilling: "fused" } : {}),
  };
  return Object.keys(kernels).length === 0 ? {} : { kernels };
}

function onOff(flag: unknown): "on" | "off" {
  return flag === true ? "on" : "off";
}

function graphsOf(flags: Section): "none" | "partial" | "full" {
  const scope = Array.isArray(flags.cuda_graph_scope) ? flags.cuda_graph_scope.map(textOf) : [];
  return megatronGraphs(textOf(flags.cuda_graph_impl), scope);
}

/** Parts of a layer that a recipe's partial graphs capture, where it names them. */
function scopeOf(flags: Section, graphs: "none" | "partial" | "full"): Section {
  const named = Array.isArray(flags.cuda_graph_scope) ? flags.cuda_graph_scope : [];
  const scope = named.flatMap((name: unknown) => megatronGraphModules[textOf(name)] ?? []);
  return graphs === "partial" && scope.length > 0 ? { cudaGraphScope: scope } : {};
}

/** Bytes per parameter: gradients are kept and reduced in 16 bit (grad_reduce_dtype bf16 in every recipe). */
function bytesOf(flags: Section): Section {
  const gathered = flags.fp8_param_gather === true ? "1 B" : flags.fp4_param_gather === true ? "0.5625 B" : "2 B";
  const halfMoments = flags.exp_avg_dtype === "bfloat16" && flags.exp_avg_sq_dtype === "bfloat16";
  return {
    gradient: "2 B",
    gradientReduce: "2 B",
    parameterGather: gathered,
    master: "4 B",
    moments: halfMoments ? "4 B" : "8 B",
  };
}
