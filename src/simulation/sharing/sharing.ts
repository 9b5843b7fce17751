/**
 * Flows over time: each has a size and a path over shared resources, runs at its max-min fair rate and ends when its
 * size is carried. Rates change when a flow starts or ends or a resource's capacity changes; all changes of one instant
 * are solved together, and only for the flows that share a resource, directly or through others, with one that changed.
 * A set of flows that was solved before (same paths, weights and caps) is looked up.
 *
 * Very many flows that come and go one by one may be solved less often: after a solution a `pause` lets changes gather.
 * Until then flows keep their rates, those that start wait, and what those that end leave is idle; no resource is ever
 * given more than it has.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Clock } from "../simulation.ts";
import { fairRates, type SharedPaths } from "./fair-rates.ts";
import { Users } from "./users.ts";

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
  readonly slot: number;
  readonly sequence: number;
  readonly shape: string;
  /** Entries among the users of its resources. */
  readonly entries: Int32Array;
  /** Number of the solution it was last part of. */
  solution: number;
  left: number;
  rate: number;
  /** When `left` was true. */
  since: Seconds;
  ending: number | undefined;
}

/** How long changes gather after a solution over flows whose paths have so many resources in all. */
export type Pause = (resources: number) => Seconds;

/** Most solutions remembered, and most flows of a system that is. */
const remembered = 4096;

export class Sharing {
  private readonly clock: Clock;
  private readonly capacity: Float64Array;
  private readonly users: Users;
  /** Where a resource stands in the system being solved; only entries of that system mean anything. */
  private readonly places: Int32Array;
  private readonly carriedBefore: Float64Array;
  /** What one flow takes of each resource, while it is being looked at; else 0. */
  private readonly taken: Float64Array;
  /** Running flows by slot, and their slots by handle. */
  private readonly flows: (Running | undefined)[] = [];
  private readonly slots = new Map<number, number>();
  private readonly freeSlots: number[] = [];
  /** Resources that changed, and the number of the solution that each resource was last part of. */
  private changed: number[] = [];
  private readonly solutionOf: Int32Array;
  private solution = 0;
  private readonly paths = new Map<SharedPath, number>();
  private solutions = new Map<string, Float64Array>();
  private readonly pause: Pause | undefined;
  private sequence = 0;
  private pending = false;
  private solved = 0;
  /** Paths of the flows in the solutions of this instant, and when the next may be. */
  private work = 0;
  private next: Seconds = 0;

  /** `capacity`: units per second of each resource. */
  constructor(clock: Clock, capacity: Float64Array, pause?: Pause) {
    this.clock = clock;
    this.pause = pause;
    this.capacity = Float64Array.from(capacity);
    this.users = new Users(capacity.length);
    this.places = new Int32Array(capacity.length).fill(-1);
    this.solutionOf = new Int32Array(capacity.length);
    this.carriedBefore = new Float64Array(capacity.length);
    this.taken = new Float64Array(capacity.length);
  }

  /** Flows that run. */
  get flowCount(): number {
    return this.slots.size;
  }

  /** Systems of flows solved so far, without those looked up. */
  get solveCount(): number {
    return this.solved;
  }

  /** Starts a flow now; returns its handle. Throws when its size is negative or not finite. */
  start(flow: SharedFlow): number {
    if (!(flow.size >= 0 && flow.size < Number.POSITIVE_INFINITY)) throw new Error(`a flow of size ${flow.size}`);
    const handle = this.sequence++;
    const slot = this.freeSlots.pop() ?? this.flows.length;
    const entry: Running = {
      ...flow,
      slot,
      sequence: handle,
      shape: `${this.pathNumber(flow.path)},${flow.weight ?? 1},${flow.cap ?? ""}`,
      entries: flow.path.resources.map((resource) => this.users.add(resource, slot)),
      solution: 0,
      left: flow.size,
      rate: 0,
      since: this.clock.now(),
      ending: undefined,
    };
    this.flows[slot] = entry;
    this.slots.set(handle, slot);
    if (flow.path.resources.length === 0) this.setRate(entry, flow.cap ?? Number.POSITIVE_INFINITY);
    this.touch(entry);
    return handle;
  }

  /** Takes a flow away; returns what it had left to carry, 0 where it has ended. */
  cancel(handle: number): number {
    const flow = this.flowOf(handle);
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
    this.changed.push(resource);
    // What a link no longer has cannot wait.
    this.next = this.clock.now();
    this.pending = false;
    this.plan();
  }

  /** Units per second of a flow as last solved. */
  rate(handle: number): number {
    return this.flowOf(handle)?.rate ?? 0;
  }

  /** Units carried over a resource so far. */
  carried(resource: number): number {
    let sum = this.carriedBefore[resource]!;
    const now = this.clock.now();
    for (let entry = this.users.first(resource); entry >= 0; entry = this.users.next(entry)) {
      const flow = this.flows[this.users.owner(entry)]!;
      sum += useOf(flow, entry) * (flow.size - this.leftAt(flow, now));
    }
    return sum;
  }

  private flowOf(handle: number): Running | undefined {
    const slot = this.slots.get(handle);
    return slot === undefined ? undefined : this.flows[slot];
  }

  private pathNumber(path: SharedPath): number {
    const found = this.paths.get(path);
    if (found !== undefined) return found;
    this.paths.set(path, this.paths.size);
    return this.paths.size - 1;
  }

  private touch(flow: Running): void {
    for (const resource of flow.path.resources) this.changed.push(resource);
    this.plan();
  }

  /** Changes of one instant are solved once, after all that ends or comes at it. */
  private plan(): void {
    if (this.pending) return;
    this.pending = true;
    this.clock.after(Math.max(0, this.next - this.clock.now()), () => this.solve(), "decide");
  }

  private solve(): void {
    this.pending = false;
    this.solution++;
    const { changed, users, solution } = this;
    this.changed = [];
    this.work = 0;
    for (const resource of changed) {
      if (this.solutionOf[resource] === solution) continue;
      const entry = users.first(resource);
      if (entry >= 0) this.share(this.component(this.flows[users.owner(entry)]!));
    }
    if (this.pause !== undefined) this.next = this.clock.now() + this.pause(this.work);
  }

  /** All flows connected with one through shared resources; where they are few enough to remember, alike ones together. */
  private component(first: Running): Running[] {
    const { users, solution, solutionOf } = this;
    const flows = [first];
    first.solution = solution;
    for (let at = 0; at < flows.length; at++) {
      this.work += flows[at]!.path.resources.length;
      for (const resource of flows[at]!.path.resources) {
        if (solutionOf[resource] === solution) continue;
        solutionOf[resource] = solution;
        for (let entry = users.first(resource); entry >= 0; entry = users.next(entry)) {
          const other = this.flows[users.owner(entry)]!;
          if (other.solution === solution) continue;
          other.solution = solution;
          flows.push(other);
        }
      }
    }
    if (flows.length > remembered) return flows;
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
    const [first, second] = flows;
    const alone = first !== undefined && second === undefined;
    const rates = alone ? Float64Array.of(this.rateAlone(first)) : fairRates(this.problemOf(flows));
    this.solved++;
    if (this.solutions.size >= remembered) this.solutions = new Map();
    if (key !== undefined) this.solutions.set(key, rates);
    return rates;
  }

  /** With nobody beside it: what the resource used most for its capacity allows. */
  private rateAlone({ path: { resources, use }, cap }: Running): number {
    const { taken } = this;
    for (let at = 0; at < resources.length; at++) taken[resources[at]!]! += use === undefined ? 1 : use[at]!;
    let rate = cap ?? Number.POSITIVE_INFINITY;
    for (const resource of resources) rate = Math.min(rate, this.capacity[resource]! / taken[resource]!);
    for (const resource of resources) taken[resource] = 0;
    return rate;
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
    this.flows[flow.slot] = undefined;
    this.freeSlots.push(flow.slot);
    this.slots.delete(flow.sequence);
    const { resources, use } = flow.path;
    for (let at = 0; at < resources.length; at++) {
      const resource = resources[at]!;
      this.users.remove(resource, flow.entries[at]!);
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

/** What a flow takes of the resource under which it has this entry. */
function useOf({ path, entries }: Running, entry: number): number {
  return path.use === undefined ? 1 : path.use[entries.indexOf(entry)]!;
}
