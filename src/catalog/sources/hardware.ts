/** Sources of the hardware part. */
import type { Source } from "./source.ts";

export const hardwareSources: Readonly<Record<string, Source>> = {};
