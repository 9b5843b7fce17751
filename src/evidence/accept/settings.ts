/** What the settings in a log's command do to the prediction: a forced algorithm, a path that was switched off. */

import { algorithmsFor, type CollectiveRequest, type Platform } from "../../network/index.ts";
import { withoutReduction } from "./faults.ts";

export interface Configured {
  readonly platform: Platform;
  /** Forced by the command; absent where the library chose. */
  readonly algorithm?: string;
  /** What was read, and what could not be followed. */
  readonly notes: readonly string[];
}

const algorithms: Readonly<Record<string, string>> = {
  ring: "ring",
  tree: "tree",
  nvls: "nvls",
  nvlstree: "nvls-tree",
  pat: "pat",
};

const protocols: Readonly<Record<string, string>> = { ll: "ll", ll128: "ll128", simple: "simple" };

/** The platform and the request of a run as its command set them. */
export function configured(
  settings: Readonly<Record<string, string>>,
  platform: Platform,
  request: CollectiveRequest,
): Configured {
  const notes: string[] = [];
  const off = settings.NCCL_NVLS_ENABLE === "0" || settings.NCCL_ALGO?.toLowerCase() === "^nvls,nvlstree";
  if (off) notes.push("the command switches in-switch reduction off; so does the prediction");
  const used = off ? withoutReduction(platform) : platform;
  const forced = forcedAlgorithm(settings, used, request);
  if (forced !== undefined && "note" in forced) notes.push(forced.note);
  if (forced === undefined || "note" in forced) return { platform: used, notes };
  notes.push(`the command forces ${forced.algorithm}; so does the prediction`);
  return { platform: used, algorithm: forced.algorithm, notes };
}

function forcedAlgorithm(
  { NCCL_ALGO: algo, NCCL_PROTO: proto }: Readonly<Record<string, string>>,
  platform: Platform,
  request: CollectiveRequest,
): { readonly algorithm: string } | { readonly note: string } | undefined {
  if (algo === undefined) {
    return proto === undefined
      ? undefined
      : { note: `NCCL_PROTO=${proto} without NCCL_ALGO is not followed: the prediction leaves the choice free` };
  }
  const name = algorithms[algo.toLowerCase()];
  if (name === undefined || !algorithmsFor(platform, request).includes(name)) {
    return { note: `NCCL_ALGO=${algo} is not followed: no such algorithm is modelled for this group` };
  }
  const protocol = protocols[proto?.toLowerCase() ?? ""];
  return { algorithm: protocol !== undefined && (name === "ring" || name === "tree") ? `${name}/${protocol}` : name };
}
