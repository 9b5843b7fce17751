/** One routing policy of the registry: what it is called, can be told, and claims about itself. */

import type { Parameters, Values } from "./parameter.ts";
import type { RoutingContext, RoutingPolicy } from "./policy.ts";

export interface RoutingEntry<Table extends Parameters = Parameters> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Keys of the catalog's sources. */
  readonly sources: readonly string[];
  readonly parameters: Table;
  /** Whether it may hold a request while a replica is ready. */
  readonly holds: "never" | "when-busy";
  /** even: alike replicas get alike shares of requests that have nothing in common; keyed: whatever the key says. */
  readonly spread: "even" | "keyed";
  /** Values are complete: `valuesOf(parameters, given)`. */
  create(values: Values<Table>, context: RoutingContext): RoutingPolicy;
}

/** An entry with its parameters' names and words known to `create`. */
export function routingEntry<const Table extends Parameters>(entry: RoutingEntry<Table>): RoutingEntry {
  return entry as unknown as RoutingEntry;
}
