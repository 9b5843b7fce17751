/** Raw kind `goodput`: whole runs. None of them is expressible before failures and recovery are modelled. */

import type { Converter } from "./converter.ts";
import { measuredOf } from "./raw.ts";

export const goodput: Converter = {
  kind: "goodput",
  summary: "Useful share of a whole training run",
  convert(row) {
    if (measuredOf(row, "time_to_train") !== undefined) {
      return { skip: "only the time to a target quality: tokens to convergence and evaluation time are not stated" };
    }
    return { skip: "failures, recovery and goodput are not modelled yet" };
  },
};
