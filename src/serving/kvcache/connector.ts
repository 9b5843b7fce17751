/**
 * Where a cache ends and other stores begin: lower tiers, pools shared by replicas, the prefill replica of a request. An
 * engine asks at admission what can be fetched beyond its own hits, takes the blocks, and goes on without the request
 * until they are filled. It also says when iterations begin and end: what they compute is whole only then, and transfers
 * start there.
 */

export interface Connector {
  /**
   * Tokens that can be fetched for a row beyond the first `cached` blocks that its rank holds: whole blocks, or all that
   * is known but the last token; 0 where computing is meant to go on. Asked once for each try of an admission.
   */
  offered(row: number, cached: number): number;
  /** Starts to fetch so many tokens behind the first `cached` blocks; calls back when they are there. */
  fetch(row: number, range: { readonly cached: number; readonly tokens: number }, arrived: () => void): void;
  /** A row was given its blocks, the first `cached` of them found in the cache. */
  admitted(row: number, cached: number): void;
  /** An iteration was planned; what was stored since the last is whole when it has ended. They end in their order. */
  planned(): void;
  /** An iteration begins, or none could be planned: what was asked for moves from now on. */
  begins(): void;
  /** The oldest iteration under way has ended. */
  ended(): void;
  /** Room is short: gives up some blocks that are kept for later; false where there are none. */
  giveWay(): boolean;
}
