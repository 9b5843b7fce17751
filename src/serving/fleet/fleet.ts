/**
 * A fleet: clients send requests, a router gives each to a replica, engines make the tokens. Everything runs on one
 * clock; the result is what is known of every request and replica in the end.
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Random, random } from "../../base/random.ts";
import { Simulation } from "../../simulation/index.ts";
import type { Engine, EngineListener } from "../engine/engine.ts";
import { phases, RequestState } from "../request-state.ts";
import { CacheIndex } from "./cache-index.ts";
import { Client } from "./client.ts";
import { EngineMaker, keysOfReplicas } from "./engine-maker.ts";
import { FleetCache } from "./fleet-cache.ts";
import { HandOver } from "./hand-over.ts";
import { incomingRequest } from "./incoming.ts";
import { type Counts, Lifecycle } from "./lifecycle.ts";
import { Replica } from "./replica.ts";
import { Routes } from "./routes.ts";
import type { FleetRun, FleetSpec } from "./spec.ts";

/** Runs a fleet until all requests have ended. @throws Error where the books do not balance afterwards. */
export function runFleet(spec: FleetSpec): FleetRun {
  return new Fleet(spec).run();
}

class Fleet implements EngineListener {
  /** Absent where nobody watches, so that engines may foresee iterations. */
  readonly onIteration: EngineListener["onIteration"];
  private readonly spec: FleetSpec;
  private readonly simulation: Simulation = new Simulation();
  private readonly state: RequestState;
  private readonly maker: EngineMaker;
  private readonly replicas: readonly Replica[];
  private readonly lost: Engine[] = [];
  private readonly client: Client;
  private readonly lifecycle: Lifecycle;
  private readonly index: CacheIndex;
  /** Stores below and between replicas; absent where there are none. */
  private readonly cache: FleetCache | undefined;
  private readonly routes: Routes;
  /** From prefill to decode replicas; absent where each does all of a request. */
  private readonly handOver: HandOver | undefined;
  /** Requests that wait at the router. */
  private readonly held: number[] = [];
  /** 1 where admission let a request in. */
  private readonly accepted: Uint8Array;
  private readonly counts: { -readonly [Name in keyof Counts]: number } = { sent: 0, judged: 0, within: 0 };
  private open = 0;
  /** When held requests are next looked at though nothing else happens. */
  private retry: Seconds = 0;
  private scraping: "no" | "yes" = "no";

  constructor(spec: FleetSpec) {
    const { requests, signals, replicas, failures, scaling } = spec;
    const clock = this.simulation;
    const streams: Random = random(spec.seed);
    const { observer } = spec;
    this.onIteration =
      observer && ((engine, plans, duration) => observer(engine, plans, this.simulation.now(), duration));
    this.spec = spec;
    const tiers = spec.cache?.tiers ?? [];
    this.state = new RequestState(requests, spec.cache === undefined ? 0 : tiers.length + 1);
    const { state } = this;
    this.accepted = new Uint8Array(requests.count);
    const chunkCount = largest(requests.ids) + 1;
    const index = new CacheIndex({ clock, delay: signals.eventDelay, replicas: replicas.length, chunkCount, tiers });
    this.index = index;
    const keys = keysOfReplicas(state, replicas);
    const stores = spec.cache !== undefined || spec.handOff !== undefined;
    this.cache = stores ? new FleetCache({ spec, state, clock, index, keys }) : undefined;
    const { cache } = this;
    this.maker = new EngineMaker({ state, clock, events: index.memory, keys, cache, listener: this, random: streams });
    this.replicas = replicas.map((each, place) => new Replica(place, each, this.maker.make(each, place, 0)));
    this.introduce();
    this.routes = new Routes({ spec, state, clock, random: streams, replicas: this.replicas, index });
    this.handOver = this.makeHandOver();
    this.client = new Client({
      state: this.state,
      clock,
      send: (row) => this.send(row),
      giveUp: (row) => this.giveUp(row),
    });
    this.lifecycle = new Lifecycle({
      clock,
      random: streams,
      replicas: this.replicas,
      failures,
      scaling,
      unfinished: () => this.client.unfinished,
      lose: (replica) => this.lose(replica),
      begin: (replica) => this.begin(replica),
      counts: () => ({ ...this.counts }),
    });
  }

  run(): FleetRun {
    this.lifecycle.start();
    this.client.start();
    this.simulation.run(this.spec.until ?? Number.POSITIVE_INFINITY);
    const { until } = this.spec;
    if (until === undefined && this.client.unfinished) {
      throw new Error(`nothing is left to happen, and ${this.client.openCount} requests have not ended`);
    }
    // What is scheduled beyond the last answer, a repair or a scrape, is no part of the run.
    const end = this.client.unfinished ? this.simulation.now() : this.client.lastEnd;
    for (const replica of this.replicas) replica.become(replica.status, end);
    const engines = [...this.replicas.map(({ engine }) => engine), ...this.lost];
    for (const { ranks } of engines) for (const rank of ranks) rank.check();
    this.cache?.check();
    return {
      state: this.state,
      engines,
      held: Float64Array.from(this.replicas, ({ heldTime }) => heldTime),
      failures: this.lifecycle.failures,
      scaled: this.lifecycle.scaled,
      end,
      events: this.simulation.eventCount,
      ...(this.cache === undefined ? {} : { transfers: this.cache.totals() }),
    };
  }

  onStarted(row: number, engine: Engine): void {
    this.handOver?.started(row, this.replicas[engine.index]!);
  }

  onFirstToken(row: number, engine: Engine, leaving: Seconds): void {
    const replica = this.replicas[engine.index]!;
    this.routes.firstToken(row, replica);
    if (this.handOver?.keepsToken(replica) === true) return;
    const way = replica.spec.host.egress + leaving;
    this.state.firstToken[row] = this.simulation.now() + way;
    this.state.firstLeaving[row] = way;
    this.state.firstTokenReplica[row] = engine.index;
  }

  onDone(row: number, engine: Engine, leaving: Seconds): void {
    const replica = this.replicas[engine.index]!;
    if (this.handOver?.promptDone(row, replica) === true) return;
    const way = replica.spec.host.egress + leaving;
    this.state.ended[row] = this.simulation.now() + way;
    this.state.lastLeaving[row] = way;
    this.cache?.done(row, engine.ranks[this.state.rank[row]!]!);
    this.leave(row, replica, phases.done);
    if (way === 0) this.client.ended(row);
    else this.simulation.after(way, () => this.client.ended(row), "arrive");
  }

  private send(row: number): void {
    this.open += 1;
    this.counts.sent += 1;
    this.scrapeWhileOpen();
    if (!this.routes.fits(row)) this.turnAway(row, phases.tooLong);
    else this.admit(row);
  }

  /** Past admission to the router, or held, or turned away. */
  private admit(row: number): void {
    const { admission } = this.spec;
    if (admission !== undefined && this.accepted[row] === 0) {
      const incoming = incomingRequest(this.state, row);
      const now = this.simulation.now();
      const verdict = admission.admit(incoming, this.routes.views, now);
      if (verdict === "reject") {
        this.turnAway(row, phases.rejected);
        return;
      }
      if (verdict === "hold") {
        this.held.push(row);
        this.retryLater(admission.retryAt?.(incoming, now));
        return;
      }
      this.accepted[row] = 1;
    }
    if (!this.route(row)) this.held.push(row);
  }

  /** One look at held requests is enough at a time, and none comes before the clock moves. */
  private retryLater(at: Seconds | undefined): void {
    const now = this.simulation.now();
    if (at === undefined || (this.retry > now && this.retry <= at)) return;
    const time = Math.max(at, now + shortest);
    this.retry = time;
    this.simulation.after(time - now, () => this.retryHeld(), "decide");
  }

  /** Gives a request to a replica; false where none is ready or the policy wants it held. */
  private route(row: number): boolean {
    const { state, spec } = this;
    if (spec.signals.scrapeInterval === 0) this.observe();
    const replica = this.routes.choose(row);
    if (replica === undefined) return false;
    const { ingress, ingressPerToken } = replica.spec.host;
    this.sendTo(row, replica, spec.hop + ingress + ingressPerToken * state.list.input[row]!);
    return true;
  }

  private sendTo(row: number, replica: Replica, delay: Seconds): void {
    this.state.replica[row] = replica.index;
    const { engine } = replica;
    this.simulation.after(delay, () => this.deliver(row, replica, engine), "arrive");
  }

  /** A request reaches the engine it was sent to, unless either is gone. */
  private deliver(row: number, replica: Replica, engine: Engine): void {
    if (this.state.phase[row] !== phases.under) return;
    if (replica.engine === engine) engine.submit(row);
    else this.sendAgain(row, replica);
  }

  /** A request leaves its replica for good. */
  private leave(row: number, replica: Replica, phase: number): void {
    const { state, spec } = this;
    state.phase[row] = phase;
    this.unbook(row, replica);
    this.open -= 1;
    if (phase === phases.done) {
      this.counts.judged += 1;
      if (spec.scaling?.withinObjectives(state, row) === true) this.counts.within += 1;
    }
    this.emptied(replica);
    this.retryHeld();
  }

  /** Tells where a replica may have nothing left to do: no requests and no blocks that others wait for. */
  private emptied(replica: Replica): void {
    if (replica.view.inFlight === 0 && this.handOver?.keepsBlocks(replica) !== true) this.lifecycle.emptied(replica);
  }

  private unbook(row: number, replica: Replica): void {
    this.routes.leave(row, replica);
    this.handOver?.forget(row);
  }

  private giveUp(row: number): void {
    const place = this.held.indexOf(row);
    if (place !== -1) this.held.splice(place, 1);
    if (place !== -1 || this.handOver?.waits(row) === true) {
      this.handOver?.forget(row);
      this.turnAway(row, phases.timedOut);
      return;
    }
    const replica = this.replicas[this.state.replica[row]!]!;
    replica.engine.cancel(row);
    this.state.ended[row] = this.simulation.now();
    this.leave(row, replica, phases.timedOut);
    this.client.ended(row);
  }

  /** A request ends without a replica. */
  private turnAway(row: number, phase: number): void {
    this.state.phase[row] = phase;
    this.state.ended[row] = this.simulation.now();
    this.open -= 1;
    this.client.ended(row);
  }

  private retryHeld(): void {
    this.handOver?.retry();
    const rows = this.held.splice(0);
    for (const row of rows) this.admit(row);
  }

  /** A replica's engine is gone, with its cache; what it had is sent to others. */
  private lose(replica: Replica): void {
    const { engine } = replica;
    const rows = engine.stop();
    this.lost.push(engine);
    const vain = this.cache?.lost(engine) ?? [];
    replica.engine = this.maker.make(replica.spec, replica.index, replica.lives);
    replica.lives += 1;
    this.introduce();
    this.index.memory.reset(replica.index);
    this.routes.reset(replica);
    for (const row of rows) this.sendAgain(row, replica);
    for (const row of vain) this.startAgain(row);
  }

  /** A decode replica waited for blocks that are lost: it computes the prompt itself. */
  private startAgain(row: number): void {
    const { engine } = this.replicas[this.state.replica[row]!]!;
    if (engine.cancel(row)) engine.submit(row);
  }

  private sendAgain(row: number, from: Replica): void {
    this.unbook(row, from);
    if (!this.routes.fits(row)) {
      this.turnAway(row, phases.tooLong);
      return;
    }
    this.held.push(row);
    this.simulation.after(0, () => this.retryHeld(), "decide");
  }

  /** A replica serves, empty. */
  private begin({ view, engine }: Replica): void {
    view.observe(engine.load, this.simulation.now());
    this.retryHeld();
  }

  private introduce(): void {
    const engines = this.replicas.map(({ engine }) => engine);
    this.cache?.introduce(engines, (replica) => this.replicas[replica]!.view.ready);
  }

  private makeHandOver(): HandOver | undefined {
    const { handOffs } = this.cache ?? {};
    if (handOffs === undefined || this.spec.handOff === undefined) return undefined;
    return new HandOver({
      spec: this.spec.handOff,
      state: this.state,
      clock: this.simulation,
      routes: this.routes,
      handOffs,
      send: (row, replica, delay) => this.sendTo(row, replica, delay),
      released: (replica) => this.emptied(this.replicas[replica]!),
    });
  }

  private observe(): void {
    const now = this.simulation.now();
    const exact = this.spec.signals.scrapeInterval === 0;
    for (const { view, engine } of this.replicas) view.observe(exact ? engine.load : engine.reported, now);
  }

  private scrapeWhileOpen(): void {
    const { scrapeInterval } = this.spec.signals;
    if (scrapeInterval === 0 || this.scraping === "yes") return;
    this.scraping = "yes";
    this.simulation.after(scrapeInterval, () => this.scrape(), "observe");
  }

  private scrape(): void {
    this.scraping = "no";
    this.observe();
    this.retryHeld();
    if (this.open > 0) this.scrapeWhileOpen();
  }
}

/** Rounding must not bring a retry to the instant at which it was refused. */
const shortest: Seconds = 1e-6;

function largest(ids: Int32Array): number {
  let most = -1;
  for (const id of ids) if (id > most) most = id;
  return most;
}
