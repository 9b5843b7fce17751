/**
 * How often something fails that ends a synchronous job, component by component. A job over N components of one kind
 * with mean time m between failures of each is interrupted N/m times a second; kinds add up.
 *
 * Ignores: start-up and user errors, single nodes far worse than their like, failures that take a rack at once, wear.
 */

import type { Seconds } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";

export type ComponentName = "accelerator" | "memory" | "nic" | "network" | "host" | "software";

/** What comes after a failure: another node, or the same one again. */
export type Consequence = "replaced" | "restarted";

interface Component {
  readonly name: ComponentName;
  readonly label: string;
  /** How many of them a cluster has. */
  readonly count: (cluster: Cluster) => number;
  /** Interruptions that Llama 3's table counts for it. */
  readonly counted: number;
  readonly consequence: Consequence;
}

const accelerators = (cluster: Cluster): number => cluster.accelerators;
const ports = ({ node, nodes }: Cluster): number => nodes * node.nics.count;
const nodes = (cluster: Cluster): number => cluster.nodes;

/**
 * Rows of the table by component: accelerator: faulty GPU 148, SRAM 19, system processor 17, silent data corruption 6,
 * thermal interface and sensor 6. Memory: HBM3 72. Host: maintenance 32, SSD 3, power supply 3, chassis 2, IO board 2,
 * CPU 2, system memory 2. Software: bugs 54, NCCL watchdog 7, dependency 2.
 * @source llama3-interruptions
 */
const components: readonly Component[] = [
  { name: "accelerator", label: "accelerators", count: accelerators, counted: 196, consequence: "replaced" },
  { name: "memory", label: "accelerator memory", count: accelerators, counted: 72, consequence: "replaced" },
  { name: "nic", label: "network ports", count: ports, counted: 7, consequence: "replaced" },
  { name: "network", label: "switches and cables", count: ports, counted: 35, consequence: "replaced" },
  { name: "host", label: "hosts", count: nodes, counted: 46, consequence: "replaced" },
  { name: "software", label: "software", count: nodes, counted: 63, consequence: "restarted" },
];

/** The run behind the counts. @source llama3-interruptions */
const counted = { days: 54, accelerators: 16_384, perNode: 8, interruptions: 419 };

const secondsPerDay = 86_400;
const exposure: Seconds = counted.days * secondsPerDay;
const countedNodes = counted.accelerators / counted.perNode;

/** Mean time between failures of one component as Llama 3's run shows it: that run had a port per accelerator. */
function usualTime(component: Component): Seconds {
  const perNode = component.count === nodes;
  return (exposure * (perNode ? countedNodes : counted.accelerators)) / component.counted;
}

/** One kind of component in a job. */
export interface ComponentRate {
  readonly name: ComponentName | "all";
  readonly label: string;
  readonly count: number;
  /** Mean time between failures of one. */
  readonly time: Seconds;
  /** Of the job by this kind, per second. */
  readonly rate: number;
  /** Share of its failures after which the node is replaced. */
  readonly replaced: number;
  readonly origin: "given" | "assumed";
}

/** Mean times between failures as a scenario states them: of an accelerator with everything, or by component. */
export type StatedTimes = Seconds | Readonly<Partial<Record<ComponentName, Seconds>>>;

/** Components of a job over one or several clusters with their rates; kinds that a cluster has none of are left out. */
export function componentRates(clusters: readonly Cluster[], stated: StatedTimes = {}): readonly ComponentRate[] {
  const total = (count: Component["count"]): number => clusters.reduce((sum, cluster) => sum + count(cluster), 0);
  if (typeof stated === "number") return [togetherRate(total(accelerators), stated)];
  return components.flatMap((component): ComponentRate[] => {
    const { name, label, consequence } = component;
    const count = total(component.count);
    const given = stated[name];
    const time = given ?? usualTime(component);
    const origin = given === undefined ? "assumed" : "given";
    const replaced = consequence === "replaced" ? 1 : 0;
    return count === 0 ? [] : [{ name, label, count, time, rate: count / time, replaced, origin }];
  });
}

/** The same times, each so many times as long; those that were not stated are so from here on. */
export function scaledTimes(stated: StatedTimes, factor: number): StatedTimes {
  if (typeof stated === "number") return stated * factor;
  return Object.fromEntries(
    components.map((component) => [component.name, (stated[component.name] ?? usualTime(component)) * factor]),
  );
}

/** One time for everything: causes keep Llama 3's shares. */
function togetherRate(count: number, time: Seconds): ComponentRate {
  const replacing = components.filter(({ consequence }) => consequence === "replaced");
  const replaced = replacing.reduce((sum, component) => sum + component.counted, 0) / counted.interruptions;
  return { name: "all", label: "all components", count, time, rate: count / time, replaced, origin: "given" };
}

/** Of the whole job, per second: of all interruptions, and of those after which a node is replaced. */
export function jobRates(rates: readonly ComponentRate[]): { readonly all: number; readonly replaced: number } {
  let all = 0;
  let replaced = 0;
  for (const each of rates) {
    all += each.rate;
    replaced += each.rate * each.replaced;
  }
  return { all, replaced };
}
