/**
 * A fleet: clients send requests, a router gives each to a replica, engines make the tokens. Everything runs on one
 * clock; the result is what is known of every request and replica in the end.
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Random, random } from "../../base/random.ts";
import { Simulation } from "../../simulation/index.ts";
import type { RequestList } from "../../workload/request/list.ts";
import { batchingPolicies } from "../batching/index.ts";
import { Engine, type EngineListener } from "../engine/engine.ts";
import type { Plan } from "../engine/plan.ts";
import { Rank } from "../engine/rank.ts";
import type { EngineSettings, HostTimes } from "../engine/settings.ts";
import { BlockKeys } from "../kvcache/block-keys.ts";
import { BlockPool, type CacheListener } from "../kvcache/block-pool.ts";
import { phases, RequestState } from "../request-state.ts";
import type { IncomingRequest, RoutingContext, RoutingPolicy } from "../routing/policy.ts";
import type { StepTime } from "../step/batch.ts";
import { Client } from "./client.ts";
import { PrefixEvents } from "./prefix-events.ts";
import { View } from "./views.ts";

/** One kind of replica. */
export interface ReplicaSpec {
  readonly settings: EngineSettings;
  readonly step: StepTime;
  readonly host: HostTimes;
}

export interface FleetSpec {
  readonly requests: RequestList;
  readonly replicas: readonly ReplicaSpec[];
  readonly router: (context: RoutingContext) => RoutingPolicy;
  readonly signals: Signals;
  readonly seed: number;
  /** Ends the run early; Infinity for when everything is done. */
  readonly until?: Seconds;
  readonly observer?: FleetObserver;
}

/** How old what routers see is. */
export interface Signals {
  /** Between two looks at a replica's load; 0 for always up to date. */
  readonly scrapeInterval: Seconds;
  /** Until an event of a cache reaches the router. */
  readonly eventDelay: Seconds;
}

/** Told of every iteration, for timelines. */
export type FleetObserver = (engine: Engine, plans: readonly Plan[], end: Seconds, duration: Seconds) => void;

export interface FleetRun {
  readonly state: RequestState;
  readonly engines: readonly Engine[];
  /** When the last event happened. */
  readonly end: Seconds;
  readonly events: number;
}

/** Runs a fleet until all requests have ended. @throws Error where the books do not balance afterwards. */
export function runFleet(spec: FleetSpec): FleetRun {
  const fleet = new Fleet(spec);
  return fleet.run();
}

class Fleet implements EngineListener {
  private readonly spec: FleetSpec;
  private readonly simulation: Simulation = new Simulation();
  private readonly state: RequestState;
  private readonly engines: readonly Engine[];
  private readonly views: readonly View[];
  private readonly client: Client;
  private readonly events: PrefixEvents;
  private readonly policy: RoutingPolicy;
  private readonly held: number[] = [];
  private readonly keys: Map<number, BlockKeys> = new Map();
  private open = 0;
  private scraping: "no" | "yes" = "no";

  constructor(spec: FleetSpec) {
    this.spec = spec;
    this.state = new RequestState(spec.requests);
    const streams = random(spec.seed);
    this.events = new PrefixEvents({
      clock: this.simulation,
      delay: spec.signals.eventDelay,
      replicas: spec.replicas.length,
      chunkCount: largest(spec.requests.ids) + 1,
    });
    this.engines = spec.replicas.map((replica, index) => this.engine(replica, index, streams));
    this.views = this.engines.map((engine) => new View(engine));
    this.client = new Client({
      state: this.state,
      clock: this.simulation,
      send: (row) => this.send(row),
      giveUp: (row) => this.giveUp(row),
    });
    this.policy = spec.router({ random: streams.stream("serving/router"), index: this.events });
  }

  run(): FleetRun {
    this.client.start();
    this.simulation.run(this.spec.until ?? Number.POSITIVE_INFINITY);
    for (const engine of this.engines) for (const rank of engine.ranks) rank.check();
    return {
      state: this.state,
      engines: this.engines,
      end: this.simulation.now(),
      events: this.simulation.eventCount,
    };
  }

  onFirstToken(row: number, engine: Engine): void {
    const { state, simulation } = this;
    state.firstToken[row] = simulation.now() + this.hostOf(engine).egress;
    this.views[engine.index]!.inFlightPrefillTokens -= state.list.input[row]!;
    this.policy.onFirstToken?.(this.incoming(row), engine.index, simulation.now());
  }

  onDone(row: number, engine: Engine): void {
    const { egress } = this.hostOf(engine);
    this.state.ended[row] = this.simulation.now() + egress;
    this.leave(row, engine.index, phases.done);
    if (egress === 0) this.client.ended(row);
    else this.simulation.after(egress, () => this.client.ended(row), "arrive");
  }

  onIteration(engine: Engine, plans: readonly Plan[], duration: Seconds): void {
    this.spec.observer?.(engine, plans, this.simulation.now(), duration);
  }

  private send(row: number): void {
    this.open += 1;
    this.scrapeWhileOpen();
    if (!this.engines.some((engine) => engine.canHold(row))) this.end(row, phases.tooLong);
    else if (!this.route(row)) this.held.push(row);
  }

  /** Gives a request to a replica; false where the policy wants it held. */
  private route(row: number): boolean {
    const { state, simulation, spec } = this;
    const now = simulation.now();
    if (spec.signals.scrapeInterval === 0) this.observe();
    const index = this.policy.choose(this.incoming(row), this.views, now);
    if (index === -1) return false;
    const view = this.views[index]!;
    const input = state.list.input[row]!;
    view.inFlight += 1;
    view.inFlightTokens += input;
    view.inFlightPrefillTokens += input;
    state.replica[row] = index;
    const engine = this.engines[index]!;
    const { ingress, ingressPerToken } = this.hostOf(engine);
    simulation.after(
      ingress + ingressPerToken * input,
      () => {
        if (state.phase[row] === phases.under) engine.submit(row);
      },
      "arrive",
    );
    return true;
  }

  /** A request leaves its replica. */
  private leave(row: number, replica: number, phase: number): void {
    const { state, simulation } = this;
    const view = this.views[replica]!;
    const input = state.list.input[row]!;
    state.phase[row] = phase;
    view.inFlight -= 1;
    view.inFlightTokens -= input;
    if (Number.isNaN(state.firstToken[row]!)) view.inFlightPrefillTokens -= input;
    this.policy.onEnd?.(this.incoming(row), replica, simulation.now());
    this.open -= 1;
    if (this.held.length > 0) this.retryHeld();
  }

  private giveUp(row: number): void {
    const replica = this.state.replica[row]!;
    this.state.ended[row] = this.simulation.now();
    const place = this.held.indexOf(row);
    if (place !== -1) this.held.splice(place, 1);
    if (replica === -1) {
      this.end(row, phases.timedOut);
      return;
    }
    this.engines[replica]!.cancel(row);
    this.leave(row, replica, phases.timedOut);
    this.client.ended(row);
  }

  /** A request ends without having had a replica. */
  private end(row: number, phase: number): void {
    this.state.phase[row] = phase;
    this.state.ended[row] = this.simulation.now();
    this.open -= 1;
    this.client.ended(row);
  }

  private retryHeld(): void {
    const rows = this.held.splice(0);
    for (const row of rows) if (!this.route(row)) this.held.push(row);
  }

  private observe(): void {
    const now = this.simulation.now();
    for (const view of this.views) view.observe(this.engines[view.index]!, now);
  }

  private scrapeWhileOpen(): void {
    const { scrapeInterval } = this.spec.signals;
    if (scrapeInterval === 0 || this.scraping === "yes") return;
    this.scraping = "yes";
    this.simulation.after(
      scrapeInterval,
      () => {
        this.scraping = "no";
        this.observe();
        if (this.held.length > 0) this.retryHeld();
        if (this.open > 0) this.scrapeWhileOpen();
      },
      "observe",
    );
  }

  private incoming(row: number): IncomingRequest {
    const { list } = this.state;
    const { input, idStart, ids, chunkTokens, covered, session, adapter } = list;
    const { priority, name } = list.classes[list.classOf[row]!]!;
    const known = Math.floor(Math.min(input[row]!, covered[row]!) / chunkTokens);
    const start = idStart[row]!;
    return {
      id: row,
      tokens: input[row]!,
      chunkTokens,
      chunks: ids.subarray(start, start + known),
      session: session[row]!,
      adapter: adapter[row]!,
      priority,
      className: name,
    };
  }

  private hostOf(engine: Engine): HostTimes {
    return this.spec.replicas[engine.index]!.host;
  }

  private engine(spec: ReplicaSpec, index: number, streams: Random): Engine {
    const { settings, step, host } = spec;
    const keys = this.keysFor(settings.blockTokens);
    const announce: CacheListener = {
      onStored: (key) => this.announce(keys, index, key, "stored"),
      onEvicted: (key) => this.announce(keys, index, key, "lost"),
    };
    const policy = batchingPolicies.get(settings.batching);
    const ranks = Array.from({ length: settings.dataParallel }, () => {
      const pool = new BlockPool(settings.blocks, announce);
      return new Rank({ settings, state: this.state, pool, keys, storing: policy.storing });
    });
    return new Engine({
      index,
      settings,
      state: this.state,
      ranks,
      batching: policy.create(settings),
      uncut: policy.uncut(settings),
      step,
      host,
      clock: this.simulation,
      listener: this,
      random: streams.stream(`serving/speculation/${index}`),
    });
  }

  /** Replicas with blocks of one size share the keys. */
  private keysFor(blockTokens: number): BlockKeys {
    const made = this.keys.get(blockTokens) ?? new BlockKeys(this.state.list, blockTokens);
    this.keys.set(blockTokens, made);
    return made;
  }

  private announce(keys: BlockKeys, replica: number, key: number, change: "stored" | "lost"): void {
    const chunk = keys.chunkEnding(key);
    if (chunk !== -1) this.events.announce(replica, chunk, change);
  }
}

function largest(ids: Int32Array): number {
  let most = -1;
  for (const id of ids) if (id > most) most = id;
  return most;
}
