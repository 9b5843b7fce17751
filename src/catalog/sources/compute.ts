/** Sources of the compute part. */
import type { Source } from "./source.ts";

export const computeSources: Readonly<Record<string, Source>> = {};
