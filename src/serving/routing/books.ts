/**
 * A router's own books: what of its requests is where. They are up to date, and know this router's traffic only.
 * A request enters when it is sent, its prefill leaves with the first token, the rest when it ends.
 */

import { ChunkHolders } from "./holders.ts";
import type { IncomingRequest } from "./policy.ts";

interface Charge {
  readonly replica: number;
  readonly prefill: number;
  readonly weight: number;
  waits: boolean;
}

/** Work in flight by replica. Which unit `prefill` and `weight` have is the policy's choice. */
export class Books {
  private readonly charges = new Map<number, Charge>();
  private readonly rows: Totals[] = [];

  /** Totals of a replica. */
  of(replica: number): Readonly<Totals> {
    return this.row(replica);
  }

  /** A request was sent. */
  enter(request: number, charge: { replica: number; prefill: number; weight?: number }): void {
    const { replica, prefill, weight = 0 } = charge;
    this.leave(request);
    this.charges.set(request, { replica, prefill, weight, waits: true });
    const row = this.row(replica);
    row.requests += 1;
    row.waiting += 1;
    row.prefill += prefill;
    row.weight += weight;
  }

  /** Its first token came: its prefill is done. Says whether it was in the books. */
  firstToken(request: number): boolean {
    const charge = this.charges.get(request);
    if (charge === undefined || !charge.waits) return false;
    charge.waits = false;
    const row = this.row(charge.replica);
    row.waiting -= 1;
    row.prefill -= charge.prefill;
    // Fractions of tokens would leave a rest that grows.
    if (row.waiting === 0) row.prefill = 0;
    return true;
  }

  /** It ended. Says whether it was in the books. */
  leave(request: number): boolean {
    this.firstToken(request);
    const charge = this.charges.get(request);
    if (charge === undefined) return false;
    this.charges.delete(request);
    const row = this.row(charge.replica);
    row.requests -= 1;
    row.weight -= charge.weight;
    if (row.requests === 0) row.weight = 0;
    return true;
  }

  private row(replica: number): Totals {
    while (this.rows.length <= replica) this.rows.push({ requests: 0, waiting: 0, prefill: 0, weight: 0 });
    return this.rows[replica] as Totals;
  }
}

export interface Totals {
  requests: number;
  /** Requests whose first token has not come, and their prefill. */
  waiting: number;
  prefill: number;
  weight: number;
}

/** Chunks of prompts in flight, each counted once a replica: they are in its cache, or about to be. */
export class ActiveChunks {
  private readonly holders = new ChunkHolders();
  private readonly references: Map<number, number>[] = [];
  private readonly sent = new Map<number, { readonly replica: number; readonly chunks: Int32Array }>();

  enter(request: IncomingRequest, replica: number): void {
    this.leave(request.id);
    const { chunks } = request;
    const counts = this.countsOf(replica);
    for (const chunk of chunks) {
      const count = counts.get(chunk) ?? 0;
      if (count === 0) this.holders.add(chunk, replica);
      counts.set(chunk, count + 1);
    }
    this.sent.set(request.id, { replica, chunks });
  }

  leave(request: number): void {
    const entry = this.sent.get(request);
    if (entry === undefined) return;
    this.sent.delete(request);
    const counts = this.countsOf(entry.replica);
    for (const chunk of entry.chunks) {
      const count = (counts.get(chunk) ?? 0) - 1;
      if (count > 0) counts.set(chunk, count);
      else {
        counts.delete(chunk);
        this.holders.remove(chunk, entry.replica);
      }
    }
  }

  /** Leading chunks in flight on each replica: into `matched`, by replica. */
  match(chunks: Int32Array, matched: Int32Array): void {
    this.holders.match(chunks, chunks.length, matched);
  }

  /** Different chunks in flight on a replica. */
  count(replica: number): number {
    return this.references[replica]?.size ?? 0;
  }

  private countsOf(replica: number): Map<number, number> {
    while (this.references.length <= replica) this.references.push(new Map());
    return this.references[replica] as Map<number, number>;
  }
}
