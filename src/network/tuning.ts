/**
 * What the collectives need to know of a platform beyond its datasheet: measured curves of its scale-up domain and the
 * rates its links reach in practice. Looked up once by `platformOf`.
 */
import type { BytesPerSecond, Seconds } from "../base/quantity.ts";
import type { Generation } from "../catalog/accelerator.ts";
import { customPlatforms, measuredPlatforms } from "../catalog/calibration/network.generated.ts";
import type { CustomLibrary, MeasuredCurve, MeasuredPlatform } from "../catalog/calibration/network.ts";
import type { CollectiveOperation, Platform } from "./collective/collective.ts";
import { type Torus, torusOf } from "./torus.ts";
import { type Transport, transportOf } from "./transport.ts";

/** Curves of one operation, by ascending group size. */
export type CurveSet = readonly MeasuredCurve[];

/** A boundary between tiers with less capacity above than below. */
export interface Boundary {
  readonly nodes: number;
  readonly oversubscription: number;
}

export interface Tuning {
  readonly curves: Readonly<Partial<Record<CollectiveOperation, CurveSet>>>;
  /** Curves of all-reduce in engines' own kernels. */
  readonly custom: readonly { readonly library: CustomLibrary; readonly curves: CurveSet }[];
  /** Platform's link over the measured link: 1 where the curves were taken on this very link. */
  readonly linkRatio: number;
  /** Bus bandwidth of a ring over the scale-up links. */
  readonly ring: BytesPerSecond;
  /** B in busbw = 2(n-1)/(n+1) B; 0 without in-switch reduction. */
  readonly nvls: BytesPerSecond;
  /** Smallest group for which the library chooses in-switch reduction inside a domain. */
  readonly nvlsRanks: number;
  /** Per accelerator in an all-to-all inside the domain. */
  readonly exchange: BytesPerSecond;
  /** Between two accelerators of one domain. */
  readonly pair: BytesPerSecond;
  /** Between domains that share one node (bridged pairs): the host's PCIe. */
  readonly host: BytesPerSecond;
  /** Latency table of the links: NVLink or anything that goes through PCIe. */
  readonly link: "nvlink" | "pcie";
  /** The sides of the domain where it is a torus; `pair` is then one of its links. */
  readonly torus?: Torus;
  readonly transport: Transport;
  /** One way through the fabric between the farthest nodes. */
  readonly fabricLatency: Seconds;
  readonly boundaries: readonly Boundary[];
  /** Library's caps on LL rings by number of nodes: one, two, more. */
  readonly lowLatencyCap: readonly [BytesPerSecond, BytesPerSecond, BytesPerSecond];
}

/** Looks everything up; see the fields for meaning. */
export function tuningOf(platform: Platform): Tuning {
  const measured = measuredPlatformsOf(platform);
  const own = measured[0];
  const ratio = own === undefined ? 1 : platform.scaleUp.bandwidth / own.bandwidth;
  const curves = mergedCurves(measured);
  const efficiency = linkEfficiency(platform);
  const { bandwidth, topology, domain } = platform.scaleUp;
  const dimensions = topology === "torus-2d" ? 2 : topology === "torus-3d" ? 3 : undefined;
  const nvls = platform.scaleUp.reduction === "nvls" ? bandwidth * nvlsEfficiency(platform.generation) : 0;
  return {
    curves,
    custom: customOf(platform),
    linkRatio: ratio,
    ring: bandwidth * efficiency.ring,
    nvls,
    nvlsRanks: platform.generation === "hopper" ? 5 : 6,
    exchange: bandwidth * efficiency.exchange,
    pair: pairBandwidth(platform, efficiency.ring),
    host: hostBandwidth(platform.generation),
    link: topology === "pcie" ? "pcie" : "nvlink",
    ...(dimensions === undefined ? {} : { torus: torusOf(domain, dimensions, platform.generation) }),
    transport: transportOf(platform.scaleOut.transport),
    fabricLatency: platform.scaleOut.hopLatency * Math.max(2 * platform.scaleOut.tiers - 1, 0),
    boundaries: boundariesOf(platform),
    lowLatencyCap: lowLatencyCaps[platform.generation] ?? [141e9, 45e9, 35e9],
  };
}

/** Own machine first, then others of the generation on the same kind of link, to borrow missing group sizes from. */
function measuredPlatformsOf(platform: Platform): MeasuredPlatform[] {
  return nearest(
    platform,
    measuredPlatforms.filter((entry) => isLike(entry, platform)),
  );
}

function isLike(entry: MeasuredPlatform, { generation, scaleUp }: Platform): boolean {
  return entry.generation === generation && entry.topology === scaleUp.topology;
}

/** The machine whose domain is built nearest to the platform's comes first. */
function nearest(platform: Platform, entries: readonly MeasuredPlatform[]): MeasuredPlatform[] {
  const domain = platform.scaleUp.built ?? platform.scaleUp.domain;
  const far = (entry: MeasuredPlatform): number => Math.abs(entry.domain - domain);
  return [...entries].sort((a, b) => far(a) - far(b));
}

function mergedCurves(measured: readonly MeasuredPlatform[]): Tuning["curves"] {
  const merged: Partial<Record<CollectiveOperation, MeasuredCurve[]>> = {};
  for (const entry of measured) {
    for (const curve of entry.curves) {
      const list = merged[curve.operation] ?? [];
      merged[curve.operation] = list;
      if (!list.some((known) => known.ranks === curve.ranks)) list.push(curve);
    }
  }
  for (const list of Object.values(merged)) list.sort((a, b) => a.ranks - b.ranks);
  return merged;
}

function customOf(platform: Platform): Tuning["custom"] {
  const own = customPlatforms.filter((entry) => isLike(entry, platform));
  return [...new Set(own.map((entry) => entry.library))].map((library) => {
    const machines = nearest(
      platform,
      own.filter((entry) => entry.library === library),
    );
    return { library, curves: mergedCurves(machines)["all-reduce"] ?? [] };
  });
}

/**
 * Rates reached over the specified rate of the link. Switches: asymptotes of the one-node tables and of sweeps to
 * 16 GiB (Hopper ring 365 of 450 GB/s, A100 235 of 300, B200 0.73). PCIe: 23.6 of 32 and 48.8 of 64 GB/s on bridged
 * pairs. Mesh: direct links of MI300X, about 310 of 448 GB/s over eight. Tori: an assumption.
 * @source ml-engineering-nccl, aiconfigurator-comm, vidur-network, rccl-mi300x
 */
function linkEfficiency(platform: Platform): { ring: number; exchange: number } {
  switch (platform.scaleUp.topology) {
    case "switch":
      return switchEfficiency[platform.generation] ?? { ring: 0.78, exchange: 0.75 };
    case "pcie":
      return { ring: 0.75, exchange: 0.5 };
    case "mesh":
      return { ring: 0.7, exchange: 0.7 };
    default:
      return { ring: 0.9, exchange: 0.5 };
  }
}

const switchEfficiency: Readonly<Partial<Record<Generation, { ring: number; exchange: number }>>> = {
  ampere: { ring: 0.785, exchange: 0.78 },
  hopper: { ring: 0.815, exchange: 0.75 },
  blackwell: { ring: 0.76, exchange: 0.72 },
};

/** @source nccl-1455 (H100: 480 GB/s busbw at 8), aiconfigurator-comm (B200) */
function nvlsEfficiency(generation: Generation): number {
  return generation === "hopper" ? 308 / 450 : 479 / 900;
}

function pairBandwidth(platform: Platform, ring: number): BytesPerSecond {
  const { topology, bandwidth, domain } = platform.scaleUp;
  if (topology === "mesh") return (bandwidth / Math.max(domain - 1, 1)) * ring;
  if (topology === "torus-2d") return (bandwidth / 4) * ring;
  if (topology === "torus-3d") return (bandwidth / 6) * ring;
  return bandwidth * ring;
}

/** PCIe generation 4 or 5, 16 lanes, three quarters of the line rate. @source vidur-network, pcie-rates */
function hostBandwidth(generation: Generation): BytesPerSecond {
  return generation === "ampere" || generation === "ada" || generation === "cdna2" ? 24e9 : 48e9;
}

/** @source nccl-tuning (llMaxBw) */
const lowLatencyCaps: Readonly<Partial<Record<Generation, readonly [number, number, number]>>> = {
  ampere: [87.7e9, 22.5e9, 19e9],
  ada: [87.7e9, 22.5e9, 19e9],
  hopper: [141e9, 45e9, 35e9],
  blackwell: [282e9, 90e9, 70e9],
};

/** Only boundaries that lose capacity; a leaf group of unknown size is taken as 32 nodes, a pod as 1,024. */
function boundariesOf(platform: Platform): Boundary[] {
  const { oversubscription, nodesPerLeaf, nodesPerPod } = platform.scaleOut;
  const list: Boundary[] = [];
  let factor = 1;
  oversubscription.forEach((own, index) => {
    factor *= own;
    if (factor <= 1) return;
    const top = index === oversubscription.length - 1 && index > 0;
    list.push({ nodes: top ? (nodesPerPod ?? 1024) : (nodesPerLeaf ?? nodesPerPod ?? 32), oversubscription: factor });
  });
  return list;
}
