/** Sources of the evidence part. */
import type { Source } from "./source.ts";

export const evidenceSources: Readonly<Record<string, Source>> = {};
