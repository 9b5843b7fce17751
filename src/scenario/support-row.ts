/** One line of the support matrix. */

import type { Scenario } from "./schema/parse.ts";
import type { WorkloadKind } from "./schema/workload.ts";

export interface SupportRow {
  /** Key of the scenario language. */
  readonly key: string;
  /** What it is, in words. */
  readonly feature: string;
  /** Kinds of workload that it is modelled with; all others refuse it. */
  readonly modelled: readonly WorkloadKind[];
  /** Why it is refused, or what to do instead. */
  readonly why?: string;
  /** Of a question that another operation answers: what is said where it is not. */
  readonly asked?: string;
  /** The path at which a scenario uses it, if it does. Rows that are modelled everywhere need none. */
  readonly used?: (scenario: Scenario) => string | undefined;
}
