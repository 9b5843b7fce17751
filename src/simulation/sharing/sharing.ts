/**
 * Flows over time: each has a size and a path over shared resources, runs at its max-min fair rate and ends when its
 * size is carried. Rates change when a flow starts or ends or a resource's capacity changes; all changes of one instant
 * are solved together, and only for the flows that share a resource, directly or through others, with one that changed.
 * A set of flows that was solved before (same paths, weights and caps) is looked up.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../simulation.ts";
import { fairRates, type SharedPaths } from "./fair-rates.ts";

/** Resources a flow asks for. Make one object a route and use it for all its flows: solutions are remembered by it. */
export interface SharedPath {
  readonly resources: Int32Array;
  /** What one unit of the flow takes of each; absent: 1. */
  readonly use?: Float64Array;
}

export interface SharedFlow {
  readonly path: SharedPath;
  /** Units to carry. */
  readonly size: number;
  /** Share beside others. Default 1. */
  readonly weight?: number;
  /** Most it takes. Default: no limit. */
  readonly cap?: number;
  /** Runs when all is carried, in phase `complete`. */
  readonly done: () => void;
}

interface Running extends SharedFlow {
  readonly sequence: number;
  readonly shape: string;
  left: number;
  rate: number;
  /** When `left` was true. */
  since: Seconds;
  ending: number | undefined;
}

/** Most solutions remembered, and most flows of a system that is. */
const remembered = 4096;

export class Sharing {
  private readonly clock: Clock;
  private readonly capacity: Float64Array;
  /** Flows on each resource; made when one first uses it. */
  private readonly users: (Set<Running> | undefined)[];
  /** Where a resource stands in the system being solved; only entries of that system mean anything. */
  private readonly places: Int32Array;
  private readonly carriedBefore: Float64Array;
  private readonly running = new Map<number, Running>();
  private readonly changed = new Set<number>();
  private readonly paths = new Map<SharedPath, number>();
  private solutions = new Map<string, Float64Array>();
  private sequence = 0;
  private pending = false;
  private solved = 0;

  /** `capacity`: units per second of each resource. */
  constructor(clock: Clock, capacity: Float64Array) {
    this.clock = clock;
    this.capacity = Float64Array.from(capacity);
    this.users = new Array<Set<Running> | undefined>(capacity.length).fill(undefined);
    this.places = new Int32Array(capacity.length).fill(-1);
    this.carriedBefore = new Float64Array(capacity.length);
  }

  /** Flows that run. */
  get flowCount(): number {
    return this.running.size;
  }

  /** Systems of flows solved so far, without those looked up. */
  get solveCount(): number {
    return this.solved;
  }

  /** Starts a flow now; returns its handle. Throws when its size is negative or not finite. */
  start(flow: SharedFlow): number {
    if (!(flow.size >= 0 && flow.size < Number.POSITIVE_INFINITY)) throw new Error(`a flow of size ${flow.size}`);
    const handle = this.sequence++;
    const shape = `${this.pathNumber(flow.path)},${flow.weight ?? 1},${flow.cap ?? ""}`;
    const entry: Running = {
      ...flow,
      sequence: handle,
      shape,
      left: flow.size,
      rate: 0,
      since: this.clock.now(),
      ending: undefined,
    };
    this.running.set(handle, entry);
    for (const resource of flow.path.resources) {
      const users = this.users[resource];
      if (users === undefined) this.users[resource] = new Set([entry]);
      else users.add(entry);
    }
    if (flow.path.resources.length === 0) this.setRate(entry, flow.cap ?? Number.POSITIVE_INFINITY);
    this.touch(entry);
    return handle;
  }

  /** Takes a flow away; returns what it had left to carry, 0 where it has ended. */
  cancel(handle: number): number {
    const flow = this.running.get(handle);
    if (flow === undefined) return 0;
    this.settle(flow);
    this.remove(flow);
    return flow.left;
  }

  /** Gives a resource another capacity from now on; 0 stops its flows until it grows again. */
  setCapacity(resource: number, capacity: number): void {
    if (this.capacity[resource] === capacity) return;
    this.capacity[resource] = capacity;
    this.solutions = new Map();
    this.changed.add(resource);
    this.plan();
  }

  /** Units per second of a flow as last solved. */
  rate(handle: number): number {
    return this.running.get(handle)?.rate ?? 0;
  }

  /** Units carried over a resource so far. */
  carried(resource: number): number {
    let sum = this.carriedBefore[resource]!;
    const now = this.clock.now();
    for (const flow of this.users[resource] ?? nobody)
      sum += useOf(flow, resource) * (flow.size - this.leftAt(flow, now));
    return sum;
  }

  private pathNumber(path: SharedPath): number {
    const found = this.paths.get(path);
    if (found !== undefined) return found;
    this.paths.set(path, this.paths.size);
    return this.paths.size - 1;
  }

  private touch(flow: Running): void {
    for (const resource of flow.path.resources) this.changed.add(resource);
    this.plan();
  }

  /** Changes of one instant are solved once, after all that ends or comes at it. */
  private plan(): void {
    if (this.pending) return;
    this.pending = true;
    this.clock.after(0, () => this.solve(), "decide");
  }

  private solve(): void {
    this.pending = false;
    const done = new Set<Running>();
    for (const resource of this.changed) {
      for (const flow of this.users[resource] ?? nobody) if (!done.has(flow)) this.share(this.component(flow, done));
    }
    this.changed.clear();
  }

  /** All flows connected with one through shared resources, in the order in which they started. */
  private component(first: Running, done: Set<Running>): Running[] {
    const flows = [first];
    const seen = new Set<number>();
    done.add(first);
    for (let at = 0; at < flows.length; at++) {
      for (const resource of flows[at]!.path.resources) {
        if (seen.has(resource)) continue;
        seen.add(resource);
        for (const other of this.users[resource] ?? nobody) {
          if (done.has(other)) continue;
          done.add(other);
          flows.push(other);
        }
      }
    }
    return flows.sort((a, b) => (a.shape < b.shape ? -1 : a.shape > b.shape ? 1 : a.sequence - b.sequence));
  }

  private share(flows: readonly Running[]): void {
    const rates = this.ratesOf(flows);
    flows.forEach((flow, index) => {
      this.setRate(flow, rates[index]!);
    });
  }

  private ratesOf(flows: readonly Running[]): Float64Array {
    const key = flows.length > remembered ? undefined : flows.map(({ shape }) => shape).join(";");
    const known = key === undefined ? undefined : this.solutions.get(key);
    if (known !== undefined) return known;
    const rates = fairRates(this.problemOf(flows));
    this.solved++;
    if (this.solutions.size >= remembered) this.solutions = new Map();
    if (key !== undefined) this.solutions.set(key, rates);
    return rates;
  }

  private setRate(flow: Running, rate: number): void {
    if (rate === flow.rate && flow.ending !== undefined) return;
    this.settle(flow);
    flow.rate = rate;
    if (flow.ending !== undefined) this.clock.cancel(flow.ending);
    flow.ending = undefined;
    if (rate === 0 && flow.left > 0) return;
    const rest = flow.left === 0 || rate === Number.POSITIVE_INFINITY ? 0 : flow.left / rate;
    flow.ending = this.clock.after(rest, () => this.end(flow), "complete");
  }

  private end(flow: Running): void {
    flow.left = 0;
    this.remove(flow);
    flow.done();
  }

  private remove(flow: Running): void {
    if (flow.ending !== undefined) this.clock.cancel(flow.ending);
    this.running.delete(flow.sequence);
    const { resources, use } = flow.path;
    for (let at = 0; at < resources.length; at++) {
      const resource = resources[at]!;
      this.users[resource]?.delete(flow);
      this.carriedBefore[resource]! += (use === undefined ? 1 : use[at]!) * (flow.size - flow.left);
    }
    this.touch(flow);
  }

  /** Brings what is left up to now. */
  private settle(flow: Running): void {
    const now = this.clock.now();
    flow.left = this.leftAt(flow, now);
    flow.since = now;
  }

  private leftAt({ left, rate, since }: Running, now: Seconds): number {
    return rate === 0 || now === since ? left : Math.max(0, left - rate * (now - since));
  }

  /** The flows with their resources numbered anew. */
  private problemOf(flows: readonly Running[]): SharedPaths {
    const { places } = this;
    const offsets = new Int32Array(flows.length + 1);
    for (let index = 0; index < flows.length; index++) {
      offsets[index + 1] = offsets[index]! + flows[index]!.path.resources.length;
    }
    const paths = new Int32Array(offsets[flows.length]!);
    const use = new Float64Array(paths.length).fill(1);
    const used: number[] = [];
    let at = 0;
    flows.forEach(({ path }, index) => {
      for (const resource of path.resources) {
        if (places[resource] === -1) places[resource] = used.push(resource) - 1;
        paths[at++] = places[resource]!;
      }
      if (path.use !== undefined) use.set(path.use, offsets[index]!);
    });
    const capacity = new Float64Array(used.length);
    for (let place = 0; place < used.length; place++) {
      capacity[place] = this.capacity[used[place]!]!;
      places[used[place]!] = -1;
    }
    const weight = Float64Array.from(flows, (flow) => flow.weight ?? 1);
    const cap = Float64Array.from(flows, (flow) => flow.cap ?? Number.POSITIVE_INFINITY);
    return { capacity, offsets, paths, use, weight, cap };
  }
}

const nobody: ReadonlySet<Running> = new Set();

function useOf({ path }: Running, resource: number): number {
  let sum = 0;
  path.resources.forEach((entry, at) => {
    if (entry === resource) sum += path.use === undefined ? 1 : path.use[at]!;
  });
  return sum;
}
