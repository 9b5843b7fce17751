/** What the settings in a log's command do to the prediction: a forced algorithm, a path that was switched off. */

import { algorithmsFor, type CollectiveRequest, type Platform } from "../../network/index.ts";
import { withoutReduction } from "./faults.ts";

export interface Configured {
  readonly platform: Platform;
  /** Left by the command, the library takes the fastest of them; absent where it chose among all. */
  readonly algorithms?: readonly string[];
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

const protocols: readonly string[] = ["ll", "ll128", "simple"];

type Configuration = Readonly<Record<string, string>>;

/** The platform and the request of a run as its command set them. */
export function configured(settings: Configuration, platform: Platform, request: CollectiveRequest): Configured {
  const notes: string[] = [];
  const off = settings.NCCL_NVLS_ENABLE === "0" || exceptReduction(settings.NCCL_ALGO);
  if (off) notes.push("the command switches in-switch reduction off; so does the prediction");
  const used = off ? withoutReduction(platform) : platform;
  const forced = forcedAlgorithms(settings, used, request);
  if (forced !== undefined && "note" in forced) notes.push(forced.note);
  if (forced === undefined || "note" in forced) return { platform: used, notes };
  const [only, ...more] = forced.algorithms;
  notes.push(
    more.length === 0
      ? `the command forces ${only}; so does the prediction`
      : `the command leaves ${forced.algorithms.join(", ")}; the prediction takes the fastest of them at each size`,
  );
  return { platform: used, algorithms: forced.algorithms, notes };
}

/** `^NVLS,NVLSTree`: all but those that reduce in switches. */
function exceptReduction(algo = ""): boolean {
  return algo.startsWith("^") && [...namesIn(algo.slice(1))].sort().join() === "nvls,nvlstree";
}

/** `Tree,Ring` */
function namesIn(list: string): readonly string[] {
  return [...new Set(list.toLowerCase().split(","))].filter((name) => name !== "");
}

type Forced = { readonly algorithms: readonly string[] } | { readonly note: string } | undefined;

/** The algorithms of a list that can run there; a list with one that is not modelled is not followed. */
function forcedAlgorithms(settings: Configuration, platform: Platform, request: CollectiveRequest): Forced {
  const { NCCL_ALGO: algo, NCCL_PROTO: proto } = settings;
  if (algo === undefined || exceptReduction(algo)) {
    return proto === undefined
      ? undefined
      : { note: `NCCL_PROTO=${proto} without NCCL_ALGO is not followed: the prediction leaves the choice free` };
  }
  const possible = algorithmsFor(platform, request);
  const named = namesIn(algo).map((name) => algorithms[name]);
  const names = named.filter((name) => name !== undefined && possible.includes(name)) as readonly string[];
  if (names.length === 0 || named.includes(undefined)) {
    return { note: `NCCL_ALGO=${algo} is not followed: no such algorithm is modelled for this group` };
  }
  const left = proto === undefined ? [] : protocolsOf(proto);
  if (left === undefined) return { note: `NCCL_ALGO=${algo} is not followed: NCCL_PROTO=${proto} is not known` };
  const inEach = (name: string): readonly string[] => left.map((protocol) => `${name}/${protocol}`);
  const hasProtocols = (name: string): boolean => left.length > 0 && (name === "ring" || name === "tree");
  return { algorithms: names.flatMap((name) => (hasProtocols(name) ? inEach(name) : [name])) };
}

/** Those of a list, or all others of one that begins with ^; undefined where one is unknown or none is left. */
function protocolsOf(proto: string): readonly string[] | undefined {
  const except = proto.startsWith("^");
  const names = namesIn(except ? proto.slice(1) : proto);
  const left = except ? protocols.filter((name) => !names.includes(name)) : names;
  return left.length === 0 || names.some((name) => !protocols.includes(name)) ? undefined : left;
}
