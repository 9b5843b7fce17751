/** Sources of the network part. */
import type { Source } from "./source.ts";

export const networkSources: Readonly<Record<string, Source>> = {};
