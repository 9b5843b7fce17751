/** Sources of the models part. */
import type { Source } from "./source.ts";

export const modelsSources: Readonly<Record<string, Source>> = {};
