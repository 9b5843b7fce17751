/**
 * Which replica a request goes to: one router over all, or one over the prefill replicas and one over the decode
 * replicas. With a threshold the decode replica is chosen first, and keeps prompts of which it lacks little; with layers
 * that move early it is chosen when work on the prompt begins; else when the prompt is done.
 * @source llm-d-router
 */

import type { Random } from "../../base/random.ts";
import type { Clock } from "../../simulation/index.ts";
import type { RequestState } from "../request-state.ts";
import type { PrefixIndex, ReplicaView, RoutingContext, RoutingPolicy } from "../routing/policy.ts";
import { Group } from "./group.ts";
import { incomingRequest } from "./incoming.ts";
import type { Replica } from "./replica.ts";
import type { FleetSpec, Role } from "./spec.ts";

export interface RoutesParts {
  readonly spec: FleetSpec;
  readonly state: RequestState;
  readonly clock: Clock;
  readonly random: Random;
  readonly replicas: readonly Replica[];
  readonly index: PrefixIndex;
}

export class Routes {
  private readonly parts: RoutesParts;
  /** Takes new requests. */
  private readonly front: Group;
  private readonly decode: Group | undefined;
  /** Decode replicas chosen ahead, by row. */
  private readonly ahead: Map<number, Replica> = new Map();

  constructor(parts: RoutesParts) {
    this.parts = parts;
    const { spec, replicas, random, index, state } = parts;
    const group = (roles: readonly Role[], name: string, router: (context: RoutingContext) => RoutingPolicy): Group =>
      new Group({
        replicas: replicas.filter((replica) => roles.includes(roleOf(replica))),
        policy: router({ random: random.stream(`serving/${name}`), index }),
        rows: state.list.count,
      });
    checkRoles(spec);
    const apart = replicas.some((replica) => roleOf(replica) !== "both");
    this.front = group(apart ? ["prefill"] : ["both"], "router", spec.router);
    this.decode =
      apart && spec.decodeRouter !== undefined ? group(["decode"], "decode-router", spec.decodeRouter) : undefined;
  }

  /** Replicas that new requests may go to. */
  get views(): readonly ReplicaView[] {
    return this.front.views;
  }

  /** Whether a request can ever be served. */
  fits(row: number): boolean {
    const { state, spec } = this.parts;
    const { list } = state;
    const input = list.input[row]!;
    const whole = list.input[row]! + list.output[row]!;
    if (this.decode === undefined) return this.front.replicas.some(({ engine }) => engine.canHold(row, whole));
    // A token that came along from prefill counts as prompt where it is decoded.
    const prompt = state.made[row]! + (spec.handOff?.firstToken === "prefill" ? 1 : 0);
    return (
      this.front.replicas.some(({ engine }) => engine.canHold(row, input + 1)) &&
      this.decode.replicas.some(({ engine }) => engine.canHold(row, whole, Math.min(prompt, whole)))
    );
  }

  /** The replica that takes a request from the router; undefined where it is held. */
  choose(row: number): Replica | undefined {
    const { state, clock, spec } = this.parts;
    const request = incomingRequest(state, row);
    const whole = state.list.input[row]! + state.list.output[row]!;
    const threshold = spec.handOff?.threshold ?? 0;
    if (this.decode !== undefined && threshold > 0 && Number.isNaN(state.firstToken[row]!)) {
      const near = this.chooseDecode(row);
      if (near === undefined) return undefined;
      const uncached = request.tokens - request.chunkTokens * this.parts.index.matched(near.index, request.chunks);
      if (uncached < threshold) {
        this.ahead.delete(row);
        state.goal[row] = whole;
        return near;
      }
      this.keep(row, near);
    }
    const prompt = Number.isNaN(state.firstToken[row]!) ? "open" : "done";
    const replica = this.front.choose(request, prompt, clock.now());
    // A prefill replica makes one token.
    if (replica !== undefined) state.goal[row] = this.decode === undefined ? whole : state.made[row]! + 1;
    return replica;
  }

  /** The decode replica of a request, as it was chosen before or is chosen now; undefined where it is held. */
  chooseDecode(row: number): Replica | undefined {
    const { state, clock } = this.parts;
    return this.ahead.get(row) ?? this.decode?.choose(incomingRequest(state, row), "open", clock.now());
  }

  /** Chooses the decode replica while the prompt is still computed; undefined where it would be held. */
  chooseAhead(row: number): Replica | undefined {
    const replica = this.chooseDecode(row);
    if (replica !== undefined) this.keep(row, replica);
    return replica;
  }

  /** The decode replica has the request now, with its prompt computed. */
  handedOver(row: number, replica: Replica): void {
    this.firstToken(row, replica);
    this.ahead.delete(row);
  }

  firstToken(row: number, replica: Replica): void {
    this.groupOf(replica).firstToken(incomingRequest(this.parts.state, row), replica, this.parts.clock.now());
  }

  /** A request is no longer in the books of a replica. */
  leave(row: number, replica: Replica): void {
    this.groupOf(replica).leave(incomingRequest(this.parts.state, row), replica, this.parts.clock.now());
  }

  /** What was chosen ahead for a request is void; returns the replica. */
  drop(row: number): Replica | undefined {
    const replica = this.ahead.get(row);
    this.ahead.delete(row);
    if (replica !== undefined) this.leave(row, replica);
    return replica;
  }

  reset(replica: Replica): void {
    this.groupOf(replica).policy.onReset?.(replica.index, this.parts.clock.now());
  }

  /** The decode replica of a request whose prompt is computed elsewhere. */
  private keep(row: number, replica: Replica): void {
    this.ahead.set(row, replica);
    this.firstToken(row, replica);
  }

  private groupOf({ index }: Replica): Group {
    return this.decode?.has(index) === true ? this.decode : this.front;
  }
}

export function roleOf({ spec }: Replica): Role {
  return spec.role ?? "both";
}

function checkRoles({ replicas, handOff, decodeRouter }: FleetSpec): void {
  const roles = new Set(replicas.map(({ role = "both" }) => role));
  const apart = roles.has("prefill") && roles.has("decode") && !roles.has("both");
  if (!apart && (roles.has("prefill") || roles.has("decode"))) {
    throw new Error(`replicas of ${[...roles].join(" and ")}: expected both, or prefill and decode`);
  }
  if (apart && (handOff === undefined || decodeRouter === undefined)) {
    throw new Error("prefill and decode replicas need a hand-off and a router of decode replicas");
  }
}
