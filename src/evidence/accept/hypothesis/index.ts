/** All suspected faults, likelier first among those whose curves are alike. */

import { hostPath } from "./host-path.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { library } from "./library.ts";
import { links } from "./links.ts";
import { rails } from "./rails.ts";

export type { Hypothesis, LinkClass, SizeAsked } from "./hypothesis.ts";

export const hypotheses: readonly Hypothesis[] = Object.freeze([...rails, ...hostPath, ...links, ...library]);
