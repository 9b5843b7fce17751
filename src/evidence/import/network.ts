/** Raw kind `network`: facts about fabrics. None is a time or a rate of one scenario, so none becomes a record. */

import type { Converter } from "./converter.ts";
import { measuredOf } from "./raw.ts";

export const network: Converter = {
  kind: "network",
  summary: "Facts about fabrics: gains of one over another, shapes",
  convert(row) {
    if (/^mooncake-/.test(row.id)) {
      return { skip: "times and rates of handing a cache over: a term of a latency whose load is not stated" };
    }
    if (measuredOf(row, "training_throughput_gain") !== undefined) {
      return { skip: "a gain over a former fabric that is not described: its effect is tested with flows" };
    }
    if (row.measured.some(({ metric }) => metric.startsWith("busbw_gain"))) {
      return {
        skip: "a gain of one way of routing over another, without either rate: its effect is tested with flows",
      };
    }
    return { skip: "a fact about the shape of a fabric, nothing measured" };
  },
};
