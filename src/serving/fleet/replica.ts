/** One place of a fleet: the engine that runs there now, what the router is told of it, and how long it was held. */

import type { Seconds } from "../../base/quantity.ts";
import type { Engine } from "../engine/engine.ts";
import type { ReplicaSpec } from "./spec.ts";
import { View } from "./views.ts";

/** off: not held. draining: takes nothing new, and goes when it is empty. down: lost, comes back. */
export type ReplicaStatus = "off" | "starting" | "serving" | "draining" | "down";

export class Replica {
  readonly index: number;
  readonly spec: ReplicaSpec;
  readonly view: View;
  engine: Engine;
  /** Times that an engine began here. */
  lives = 1;
  /** Total time not off. */
  heldTime: Seconds = 0;
  private state: ReplicaStatus = "serving";
  private since: Seconds = 0;

  constructor(index: number, spec: ReplicaSpec, engine: Engine) {
    this.index = index;
    this.spec = spec;
    this.engine = engine;
    this.view = new View(index, spec.settings);
  }

  get status(): ReplicaStatus {
    return this.state;
  }

  /** Changes the status at a time; routers see it at once. */
  become(status: ReplicaStatus, now: Seconds): void {
    if (this.state !== "off") this.heldTime += Math.max(0, now - this.since);
    this.since = now;
    this.state = status;
    this.view.ready = status === "serving";
  }
}
