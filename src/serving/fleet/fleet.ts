/**
 * A fleet: clients send requests, a router gives each to a replica, engines make the tokens. Everything runs on one
 * clock; the result is what is known of every request and replica in the end.
 */

import { type Random, random } from "../../base/random.ts";
import { Simulation } from "../../simulation/index.ts";
import type { Engine, EngineListener } from "../engine/engine.ts";
import { phases, RequestState } from "../request-state.ts";
import type { ReplicaView, RoutingPolicy } from "../routing/policy.ts";
import { Client } from "./client.ts";
import { EngineMaker } from "./engine-maker.ts";
import { incomingRequest } from "./incoming.ts";
import { type Counts, Lifecycle } from "./lifecycle.ts";
import { PrefixEvents } from "./prefix-events.ts";
import { Replica } from "./replica.ts";
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
  private readonly views: readonly ReplicaView[];
  private readonly lost: Engine[] = [];
  private readonly client: Client;
  private readonly lifecycle: Lifecycle;
  private readonly events: PrefixEvents;
  private readonly policy: RoutingPolicy;
  /** Requests that wait at the router. */
  private readonly held: number[] = [];
  /** 1 where admission let a request in. */
  private readonly accepted: Uint8Array;
  private readonly counts: { -readonly [Name in keyof Counts]: number } = { sent: 0, judged: 0, within: 0 };
  private open = 0;
  private scraping: "no" | "yes" = "no";

  constructor(spec: FleetSpec) {
    const { requests, signals, replicas, failures, scaling } = spec;
    const clock = this.simulation;
    const streams: Random = random(spec.seed);
    const { observer } = spec;
    this.onIteration =
      observer && ((engine, plans, duration) => observer(engine, plans, this.simulation.now(), duration));
    this.spec = spec;
    this.state = new RequestState(requests);
    this.accepted = new Uint8Array(requests.count);
    const chunkCount = largest(requests.ids) + 1;
    this.events = new PrefixEvents({ clock, delay: signals.eventDelay, replicas: replicas.length, chunkCount });
    this.maker = new EngineMaker({ state: this.state, clock, events: this.events, listener: this, random: streams });
    this.replicas = replicas.map((each, index) => new Replica(index, each, this.maker.make(each, index, 0)));
    this.views = this.replicas.map(({ view }) => view);
    this.client = new Client({
      state: this.state,
      clock,
      send: (row) => this.send(row),
      giveUp: (row) => this.giveUp(row),
    });
    this.policy = spec.router({ random: streams.stream("serving/router"), index: this.events });
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
    // What is scheduled beyond the last answer, a repair or a scrape, is no part of the run.
    const end = this.client.unfinished ? this.simulation.now() : this.client.lastEnd;
    for (const replica of this.replicas) replica.become(replica.status, end);
    const engines = [...this.replicas.map(({ engine }) => engine), ...this.lost];
    for (const { ranks } of engines) for (const rank of ranks) rank.check();
    return {
      state: this.state,
      engines,
      held: Float64Array.from(this.replicas, ({ heldTime }) => heldTime),
      failures: this.lifecycle.failures,
      scaled: this.lifecycle.scaled,
      end,
      events: this.simulation.eventCount,
    };
  }

  onFirstToken(row: number, engine: Engine): void {
    const { state, simulation } = this;
    const { view, spec } = this.replicas[engine.index]!;
    state.firstToken[row] = simulation.now() + spec.host.egress;
    view.inFlightPrefillTokens -= state.list.input[row]!;
    this.policy.onFirstToken?.(incomingRequest(state, row), engine.index, simulation.now());
  }

  onDone(row: number, engine: Engine): void {
    const replica = this.replicas[engine.index]!;
    const { egress } = replica.spec.host;
    this.state.ended[row] = this.simulation.now() + egress;
    this.leave(row, replica, phases.done);
    if (egress === 0) this.client.ended(row);
    else this.simulation.after(egress, () => this.client.ended(row), "arrive");
  }

  private send(row: number): void {
    this.open += 1;
    this.counts.sent += 1;
    this.scrapeWhileOpen();
    if (!this.replicas.some(({ engine }) => engine.canHold(row))) this.turnAway(row, phases.tooLong);
    else this.admit(row);
  }

  /** Past admission to the router, or held, or turned away. */
  private admit(row: number): void {
    const { admission } = this.spec;
    if (admission !== undefined && this.accepted[row] === 0) {
      const incoming = incomingRequest(this.state, row);
      const now = this.simulation.now();
      const verdict = admission.admit(incoming, this.views, now);
      if (verdict === "reject") {
        this.turnAway(row, phases.rejected);
        return;
      }
      if (verdict === "hold") {
        this.held.push(row);
        const again = admission.retryAt?.(incoming, now);
        if (again !== undefined) this.simulation.after(Math.max(0, again - now), () => this.retryHeld(), "decide");
        return;
      }
      this.accepted[row] = 1;
    }
    if (!this.route(row)) this.held.push(row);
  }

  /** Gives a request to a replica; false where none is ready or the policy wants it held. */
  private route(row: number): boolean {
    const { state, simulation, spec } = this;
    if (spec.signals.scrapeInterval === 0) this.observe();
    if (!this.views.some(({ ready }) => ready)) return false;
    const index = this.policy.choose(incomingRequest(state, row), this.views, simulation.now());
    const replica = this.replicas[index];
    if (replica === undefined) return false;
    const input = state.list.input[row]!;
    replica.view.inFlight += 1;
    replica.view.inFlightTokens += input;
    if (Number.isNaN(state.firstToken[row]!)) replica.view.inFlightPrefillTokens += input;
    state.replica[row] = index;
    const { ingress, ingressPerToken } = replica.spec.host;
    const { engine } = replica;
    const delay = spec.hop + ingress + ingressPerToken * input;
    simulation.after(delay, () => this.deliver(row, replica, engine), "arrive");
    return true;
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
    if (replica.view.inFlight === 0) this.lifecycle.emptied(replica);
    if (this.held.length > 0) this.retryHeld();
  }

  private unbook(row: number, { view, index }: Replica): void {
    const { state, simulation } = this;
    const input = state.list.input[row]!;
    view.inFlight -= 1;
    view.inFlightTokens -= input;
    if (Number.isNaN(state.firstToken[row]!)) view.inFlightPrefillTokens -= input;
    this.policy.onEnd?.(incomingRequest(state, row), index, simulation.now());
  }

  private giveUp(row: number): void {
    const place = this.held.indexOf(row);
    if (place !== -1) {
      this.held.splice(place, 1);
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
    const rows = this.held.splice(0);
    for (const row of rows) this.admit(row);
  }

  /** A replica's engine is gone, with its cache; what it had is sent to others. */
  private lose(replica: Replica): void {
    const { engine } = replica;
    const rows = engine.stop();
    this.lost.push(engine);
    replica.engine = this.maker.make(replica.spec, replica.index, replica.lives);
    replica.lives += 1;
    this.events.reset(replica.index);
    this.policy.onReset?.(replica.index, this.simulation.now());
    for (const row of rows) this.sendAgain(row, replica);
  }

  private sendAgain(row: number, from: Replica): void {
    this.unbook(row, from);
    this.held.push(row);
    this.simulation.after(0, () => this.retryHeld(), "decide");
  }

  /** A replica serves, empty. */
  private begin({ view, engine }: Replica): void {
    view.observe(engine, this.simulation.now());
    if (this.held.length > 0) this.retryHeld();
  }

  private observe(): void {
    const now = this.simulation.now();
    for (const { view, engine } of this.replicas) view.observe(engine, now);
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
    if (this.held.length > 0) this.retryHeld();
    if (this.open > 0) this.scrapeWhileOpen();
  }
}

function largest(ids: Int32Array): number {
  let most = -1;
  for (const id of ids) if (id > most) most = id;
  return most;
}
