/** Settings in a log's command that take a way or channels from the library: they explain a shortfall before faults do. */

import { domainsOf, type Question } from "./question.ts";

/** A note for each setting that can slow this very group. @source nccl-environment */
export function slowingSettings(question: Question): readonly string[] {
  const { settings } = question.run;
  const crosses = domainsOf(question) > 1;
  const inside = Math.min(question.group.perDomain, question.group.size) > 1;
  const notes = [
    ...(crosses ? networkNotes(question) : []),
    ...(inside && isOn(settings.NCCL_P2P_DISABLE)
      ? ["NCCL_P2P_DISABLE: accelerators of a node do not reach each other directly, host memory is between them"]
      : []),
    ...(inside && isOn(settings.NCCL_SHM_DISABLE)
      ? [
          "NCCL_SHM_DISABLE: where accelerators of a node are not peers, traffic goes over the network instead of host memory",
        ]
      : []),
    ...channelNotes(settings),
  ];
  return notes.map((note) => `the command sets ${note}; the prediction is without that setting`);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "0";
}

function networkNotes({ run: { settings }, cluster }: Question): readonly string[] {
  const { NCCL_IB_DISABLE, NCCL_NET, NCCL_IB_HCA } = settings;
  const sockets = "TCP sockets instead of RDMA";
  const { count } = cluster.node.nics;
  const { transport } = cluster.fabric;
  const verbs = transport === "infiniband" || transport === "roce";
  const named = portsNamed(NCCL_IB_HCA ?? "");
  return [
    ...(verbs && isOn(NCCL_IB_DISABLE) ? [`NCCL_IB_DISABLE=${NCCL_IB_DISABLE}: ${sockets}`] : []),
    ...(transport !== "ethernet" && NCCL_NET?.toLowerCase() === "socket" ? [`NCCL_NET=${NCCL_NET}: ${sockets}`] : []),
    ...(named > 0 && named < count
      ? [`NCCL_IB_HCA=${NCCL_IB_HCA}: ${named} of the ${count} network ports that the scenario's nodes have`]
      : []),
  ];
}

/** Ports that a list names one by one: `mlx5_0,mlx5_1:1`; 0 where it leaves some out, or names a family: `mlx5`. */
function portsNamed(list: string): number {
  if (list === "" || list.startsWith("^")) return 0;
  const exact = list.startsWith("=");
  const names = list.replace(/^=/, "").split(",");
  return exact || names.every((name) => /_\d+(:\d+)?$/.test(name)) ? new Set(names).size : 0;
}

function channelNotes(settings: Question["run"]["settings"]): readonly string[] {
  return ["NCCL_MAX_NCHANNELS", "NCCL_MAX_CTAS", "NCCL_MAX_NRINGS"]
    .filter((name) => settings[name] !== undefined)
    .map((name) => `${name}=${settings[name]}: no more channels than that carry it`);
}
