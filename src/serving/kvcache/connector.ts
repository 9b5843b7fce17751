/**
 * Where a cache ends and other stores begin: lower tiers, pools shared by replicas, the prefill replica of a request. An
 * engine asks at admission what can be fetched beyond its own hits, takes the blocks, and goes on without the request
 * until they are filled.
 */

export interface Connector {
  /**
   * Tokens that can be fetched for a row beyond the first `cached` blocks that its rank holds, a multiple of the block;
   * 0 where computing is meant to go on. Asked once for each admission.
   */
  offered(row: number, cached: number): number;
  /** Starts to fetch so many tokens behind the first `cached` blocks; calls back when they are there. */
  fetch(row: number, range: { readonly cached: number; readonly tokens: number }, arrived: () => void): void;
}
