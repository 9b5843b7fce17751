/**
 * Replicas that come and go: failures and repairs, and an autoscaler with its delays. A lost replica loses its cache;
 * its requests are sent again, with what they have generated so far as part of the prompt.
 *
 * Ignores: failures that take several replicas at once, and loading that slows others.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Random } from "../../base/random.ts";
import type { Clock } from "../../simulation/index.ts";
import type { FleetObservation } from "../scaling/policy.ts";
import type { Replica } from "./replica.ts";
import type { FailureSpec, ScalingSpec } from "./spec.ts";

export interface LifecycleParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly replicas: readonly Replica[];
  readonly failures: FailureSpec;
  readonly scaling: ScalingSpec | undefined;
  /** Whether anything is left to be done; nothing is scheduled any more when not. */
  readonly unfinished: () => boolean;
  /** The engine of a replica is gone, or a new one begins. */
  readonly lose: (replica: Replica) => void;
  readonly begin: (replica: Replica) => void;
  /** Requests sent, ended and ended within their objectives so far. */
  readonly counts: () => Counts;
}

export interface Counts {
  readonly sent: number;
  readonly judged: number;
  readonly within: number;
}

export class Lifecycle {
  readonly scaled: { readonly at: Seconds; readonly replicas: number }[] = [];
  failures = 0;
  private readonly parts: LifecycleParts;
  private readonly observations: FleetObservation[] = [];
  private before: Counts = { sent: 0, judged: 0, within: 0 };

  constructor(parts: LifecycleParts) {
    this.parts = parts;
  }

  start(): void {
    const { failures, scaling, replicas, random } = this.parts;
    if (failures.kind === "listed") {
      for (const { replica, at, downFor } of failures.list) this.failAt(replica, at, downFor);
    } else {
      for (const { index } of replicas) this.failByChance(index, random.stream(`serving/failures/${index}`), failures);
    }
    if (scaling === undefined) return;
    for (let index = scaling.first + scaling.initial; index < scaling.first + scaling.count; index++) {
      replicas[index]?.become("off", 0);
    }
    this.scaled.push({ at: 0, replicas: scaling.initial });
    this.decideLater(scaling);
  }

  /** A replica has no request left. */
  emptied(replica: Replica): void {
    if (replica.status === "draining") this.retire(replica);
  }

  private failAt(index: number, at: Seconds, downFor: Seconds): void {
    const { clock } = this.parts;
    clock.after(at - clock.now(), () => this.fail(index, downFor), "complete");
  }

  private failByChance(
    index: number,
    stream: ReturnType<Random["stream"]>,
    spec: Extract<FailureSpec, { kind: "random" }>,
  ): void {
    this.parts.clock.after(
      stream.exponential(spec.timeBetweenFailures),
      () => {
        if (!this.parts.unfinished()) return;
        this.fail(index, spec.downFor);
        this.failByChance(index, stream, spec);
      },
      "complete",
    );
  }

  private fail(index: number, downFor: Seconds): void {
    const { replicas, clock, lose, begin } = this.parts;
    const replica = replicas[index];
    if (!this.parts.unfinished()) return;
    if (replica === undefined || (replica.status !== "serving" && replica.status !== "draining")) return;
    this.failures += 1;
    replica.become("down", clock.now());
    lose(replica);
    clock.after(
      downFor,
      () => {
        if (replica.status !== "down" || !this.parts.unfinished()) return;
        replica.become("serving", clock.now());
        begin(replica);
      },
      "complete",
    );
  }

  private decideLater(scaling: ScalingSpec): void {
    this.parts.clock.after(
      scaling.interval,
      () => {
        if (!this.parts.unfinished()) return;
        this.observe(scaling);
        this.decide(scaling);
        this.decideLater(scaling);
      },
      "observe",
    );
  }

  private observe(scaling: ScalingSpec): void {
    const { clock, counts } = this.parts;
    const now = counts();
    const own = this.governed(scaling);
    const serving = own.filter(({ status }) => status === "serving");
    const sum = (of: (replica: Replica) => number): number => own.reduce((total, each) => total + of(each), 0);
    const usage = serving.reduce((total, { engine }) => total + engine.load.usage, 0);
    this.observations.push({
      at: clock.now(),
      duration: scaling.interval,
      ready: serving.length,
      starting: own.filter(({ status }) => status === "starting").length,
      running: sum(({ engine }) => engine.load.running),
      waiting: sum(({ engine }) => engine.load.waiting),
      cacheUsage: serving.length === 0 ? 0 : usage / serving.length,
      arrivals: (now.sent - this.before.sent) / scaling.interval,
      judged: now.judged - this.before.judged,
      withinObjectives: now.within - this.before.within,
    });
    this.before = now;
    while ((this.observations[0]?.at ?? Number.POSITIVE_INFINITY) < clock.now() - scaling.policy.reach) {
      this.observations.shift();
    }
  }

  private decide(scaling: ScalingSpec): void {
    const now = this.parts.clock.now();
    const wanted = scaling.policy.decide(this.observations, now);
    if (wanted === undefined) return;
    const own = this.governed(scaling);
    const there = own.filter(({ status }) => status !== "off" && status !== "draining");
    const target = Math.max(0, Math.min(scaling.count, wanted));
    if (target === there.length) return;
    this.scaled.push({ at: now, replicas: target });
    if (target > there.length) this.grow(own, target - there.length, scaling);
    else this.shrink(there, there.length - target);
  }

  private grow(own: readonly Replica[], count: number, scaling: ScalingSpec): void {
    const { clock } = this.parts;
    // What still drains is there already.
    const draining = own.filter(({ status }) => status === "draining").slice(0, count);
    for (const replica of draining) replica.become("serving", clock.now());
    for (const replica of own.filter(({ status }) => status === "off").slice(0, count - draining.length)) {
      replica.become("starting", clock.now());
      clock.after(scaling.starting, () => this.started(replica), "complete");
    }
  }

  private started(replica: Replica): void {
    if (replica.status !== "starting" || !this.parts.unfinished()) return;
    replica.become("serving", this.parts.clock.now());
    this.parts.begin(replica);
  }

  /** Those that are starting go first, then those with the fewest requests. */
  private shrink(there: readonly Replica[], count: number): void {
    const order = [...there].sort(
      (a, b) => Number(a.status === "serving") - Number(b.status === "serving") || a.view.inFlight - b.view.inFlight,
    );
    for (const replica of order.slice(0, count)) {
      if (replica.view.inFlight === 0) this.retire(replica);
      else replica.become("draining", this.parts.clock.now());
    }
  }

  private retire(replica: Replica): void {
    const served = replica.status === "serving" || replica.status === "draining";
    replica.become("off", this.parts.clock.now());
    if (served) this.parts.lose(replica);
  }

  private governed({ first, count }: ScalingSpec): readonly Replica[] {
    return this.parts.replicas.slice(first, first + count);
  }
}
