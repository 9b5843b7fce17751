/**
 * A session stays where it began while that replica is ready; new sessions, and requests without one, go to the least
 * loaded. Ignores how busy a session's replica is: a long session holds to a crowded replica.
 */

import type { Seconds } from "../../base/quantity.ts";
import { leastInFlight } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";

export const sessionAffinity: RoutingEntry = routingEntry({
  name: "session-affinity",
  summary: "A session stays on its replica; new ones go to the least loaded.",
  sources: [],
  parameters: {
    idle: {
      kind: "duration",
      default: 3600,
      above: 0,
      description: "A session that sends nothing for so long is forgotten.",
    },
  },
  holds: "never",
  spread: "even",
  create({ idle }, { random }) {
    const sessions = new Sessions(idle);
    return {
      choose(request, replicas, now) {
        const home = sessions.find(request.session, now);
        if (home >= 0 && replicas.some((view) => view.ready && view.index === home)) {
          sessions.keep(request.session, home, now);
          return home;
        }
        const chosen = leastInFlight(replicas, random);
        sessions.keep(request.session, chosen, now);
        return chosen;
      },
      onReset: (replica) => sessions.reset(replica),
    };
  },
});

/** Where sessions live. Idle ones are swept out, so that memory follows the sessions that are alive. */
export class Sessions {
  private homes = new Map<number, { replica: number; last: Seconds }>();
  private sweepAt = 1024;
  private readonly idle: Seconds;

  constructor(idle: Seconds) {
    this.idle = idle;
  }

  /** Replica of a session, -1 for none. */
  find(session: number, now: Seconds): number {
    const home = session < 0 ? undefined : this.homes.get(session);
    return home === undefined || home.last + this.idle < now ? -1 : home.replica;
  }

  keep(session: number, replica: number, now: Seconds): void {
    if (session < 0) return;
    this.homes.set(session, { replica, last: now });
    if (this.homes.size < this.sweepAt) return;
    for (const [key, home] of this.homes) if (home.last + this.idle < now) this.homes.delete(key);
    this.sweepAt = Math.max(1024, 2 * this.homes.size);
  }

  reset(replica: number): void {
    for (const [key, home] of this.homes) if (home.replica === replica) this.homes.delete(key);
  }

  get size(): number {
    return this.homes.size;
  }
}
