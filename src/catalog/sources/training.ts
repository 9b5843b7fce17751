/** Sources of the training part. */
import type { Source } from "./source.ts";

export const trainingSources: Readonly<Record<string, Source>> = {};
