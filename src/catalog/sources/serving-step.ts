/** Sources of step times of inference engines. */
import type { Source } from "./source.ts";

export const servingStepSources: Readonly<Record<string, Source>> = {
  "llmservingsim-profiles": {
    title: "LLMServingSim 2.0: layer profiles and recorded runs on RTX PRO 6000 (KAIST CASYS Lab, MIT)",
    year: 2026,
    where: "profiler/perf and bench/examples at 5daddb21a545; documentation of skew fit and trace generation",
    url: "https://github.com/casys-kaist/LLMServingSim",
    kind: "measurement",
  },
  "vidur-reference": {
    title: "Vidur: simulated runs of two scheduling semantics (Microsoft, MIT)",
    year: 2024,
    where: "commit 7d47513, random forests over the A100 profiles; attention profile by formula",
    url: "https://github.com/microsoft/vidur",
    kind: "source-code",
  },
};
