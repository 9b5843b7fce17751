/** Replicas among which one router chooses, with the books that it keeps of them. */

import type { Seconds } from "../../base/quantity.ts";
import type { IncomingRequest, RoutingPolicy } from "../routing/policy.ts";
import type { View } from "./views.ts";

export class Group {
  readonly views: readonly View[];
  /** Requests that wait for the router to choose. */
  readonly held: number[] = [];
  private readonly policy: RoutingPolicy;
  private readonly byIndex: Map<number, View>;
  /** Rows whose first token has not come. */
  private readonly prefilling: Uint8Array;

  constructor(options: { readonly views: readonly View[]; readonly policy: RoutingPolicy; readonly rows: number }) {
    this.views = options.views;
    this.policy = options.policy;
    this.byIndex = new Map(options.views.map((view) => [view.index, view]));
    this.prefilling = new Uint8Array(options.rows);
  }

  has(replica: number): boolean {
    return this.byIndex.has(replica);
  }

  /** The replica for a request, which is in its books from now on; -1 where the policy wants it held. */
  choose(request: IncomingRequest, now: Seconds): number {
    const index = this.policy.choose(request, this.views, now);
    if (index === -1) return -1;
    const view = this.view(index);
    view.inFlight += 1;
    view.inFlightTokens += request.tokens;
    view.inFlightPrefillTokens += request.tokens;
    this.prefilling[request.id] = 1;
    return index;
  }

  /** Its prompt is computed, here or elsewhere. */
  firstToken(request: IncomingRequest, replica: number, now: Seconds): void {
    if (this.prefilling[request.id] === 0) return;
    this.prefilling[request.id] = 0;
    this.view(replica).inFlightPrefillTokens -= request.tokens;
    this.policy.onFirstToken?.(request, replica, now);
  }

  leave(request: IncomingRequest, replica: number, now: Seconds): void {
    const view = this.view(replica);
    view.inFlight -= 1;
    view.inFlightTokens -= request.tokens;
    if (this.prefilling[request.id] === 1) view.inFlightPrefillTokens -= request.tokens;
    this.prefilling[request.id] = 0;
    this.policy.onEnd?.(request, replica, now);
  }

  /** Takes out of those that wait; nothing where it does not. */
  unhold(row: number): void {
    const place = this.held.indexOf(row);
    if (place !== -1) this.held.splice(place, 1);
  }

  private view(replica: number): View {
    const view = this.byIndex.get(replica);
    if (view === undefined) throw new Error(`the router chose replica ${replica}, which is none of its own`);
    return view;
  }
}
