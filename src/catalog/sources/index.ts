/** All sources, merged; a key may exist once. */
import { computeSources } from "./compute.ts";
import { economicsSources } from "./economics.ts";
import { evidenceSources } from "./evidence.ts";
import { foundationSources } from "./foundation.ts";
import { hardwareSources } from "./hardware.ts";
import { launchSources } from "./launch.ts";
import { modelsSources } from "./models.ts";
import { networkSources } from "./network.ts";
import { poolSources } from "./pools.ts";
import { reliabilitySources } from "./reliability.ts";
import { servingSources } from "./serving.ts";
import { servingCacheSources } from "./serving-cache.ts";
import { servingEngineSources } from "./serving-engines.ts";
import { servingStepSources } from "./serving-step.ts";
import type { Source } from "./source.ts";
import { trainingSources } from "./training.ts";
import { workloadSources } from "./workload.ts";

export type { Source } from "./source.ts";

export const sources: Readonly<Record<string, Source>> = Object.freeze({
  ...foundationSources,
  ...hardwareSources,
  ...modelsSources,
  ...computeSources,
  ...networkSources,
  ...trainingSources,
  ...poolSources,
  ...reliabilitySources,
  ...economicsSources,
  ...evidenceSources,
  ...launchSources,
  ...workloadSources,
  ...servingEngineSources,
  ...servingStepSources,
  ...servingCacheSources,
  ...servingSources,
});

/** The source of a key; an unknown key is our own mistake. */
export function source(key: string): Source {
  const found = sources[key];
  if (found === undefined) throw new Error(`unknown source key "${key}"`);
  return found;
}
