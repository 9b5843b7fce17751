/** Sources of the economics part. */
import type { Source } from "./source.ts";

export const economicsSources: Readonly<Record<string, Source>> = {};
