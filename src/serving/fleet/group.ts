/** Replicas among which one router chooses, with the books that it keeps of them. */

import type { Seconds } from "../../base/quantity.ts";
import type { IncomingRequest, RoutingPolicy } from "../routing/policy.ts";
import type { Replica } from "./replica.ts";
import type { View } from "./views.ts";

export class Group {
  readonly replicas: readonly Replica[];
  readonly views: readonly View[];
  readonly policy: RoutingPolicy;
  private readonly byIndex: Map<number, Replica>;
  /** 1 for rows whose prompt is not computed. */
  private readonly prefilling: Uint8Array;

  constructor(options: {
    readonly replicas: readonly Replica[];
    readonly policy: RoutingPolicy;
    readonly rows: number;
  }) {
    this.replicas = options.replicas;
    this.views = options.replicas.map(({ view }) => view);
    this.policy = options.policy;
    this.byIndex = new Map(options.replicas.map((replica) => [replica.index, replica]));
    this.prefilling = new Uint8Array(options.rows);
  }

  has(replica: number): boolean {
    return this.byIndex.has(replica);
  }

  /**
   * The replica for a request, which is in its books from now on; undefined where none is ready or the policy wants it
   * held. `prompt`: whether the replica will compute its prompt.
   */
  choose(request: IncomingRequest, prompt: "open" | "done", now: Seconds): Replica | undefined {
    if (!this.views.some(({ ready }) => ready)) return undefined;
    const replica = this.byIndex.get(this.policy.choose(request, this.views, now));
    if (replica === undefined) return undefined;
    const { view } = replica;
    view.inFlight += 1;
    view.inFlightTokens += request.tokens;
    if (prompt === "open") {
      view.inFlightPrefillTokens += request.tokens;
      this.prefilling[request.id] = 1;
    }
    return replica;
  }

  /** Its prompt is computed, here or elsewhere. */
  firstToken(request: IncomingRequest, { view, index }: Replica, now: Seconds): void {
    if (this.prefilling[request.id] === 0) return;
    view.inFlightPrefillTokens -= request.tokens;
    this.prefilling[request.id] = 0;
    this.policy.onFirstToken?.(request, index, now);
  }

  leave(request: IncomingRequest, { view, index }: Replica, now: Seconds): void {
    view.inFlight -= 1;
    view.inFlightTokens -= request.tokens;
    if (this.prefilling[request.id] === 1) view.inFlightPrefillTokens -= request.tokens;
    this.prefilling[request.id] = 0;
    this.policy.onEnd?.(request, index, now);
  }
}
