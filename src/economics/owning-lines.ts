/** Owning against renting as lines: capital, an accelerator-hour by part, and where both cost the same. */

import { formatQuantity } from "../base/quantity.ts";
import type { Line } from "./line.ts";
import type { Lacking, Owning } from "./owning.ts";

const secondsPerHour = 3600;

export function owningLines(owning: Owning): readonly Line[] {
  const { capital, accelerators } = owning;
  return [
    ...capital.map(({ what, prices, basis, lacking }): Line => {
      const spread =
        prices === "unknown" ? prices : prices[0] === prices[2] ? prices[1] : ([prices[0], prices[2]] as const);
      const without = lacking === undefined || prices === "unknown" ? "" : `, without ${lacking.what}`;
      return { item: `capital, ${what}`, amount: spread, unit: "USD", note: `${basis}${without}` };
    }),
    ...hourLines(owning, accelerators),
    ...evenLines(owning),
  ];
}

function hourLines({ perHour, total, lacking, capital }: Owning, accelerators: number): readonly Line[] {
  const whose = `one of ${formatQuantity(accelerators, "count")} accelerators, every hour counted`;
  const unpriced = capital.some(({ what, prices }) => what === "nodes" && prices === "unknown");
  const parts = (["capital", "maintenance", "hosting", "energy", "staff"] as const).filter((part) => perHour[part] > 0);
  return [
    ...parts.map((part): Line => {
      const note = part === "capital" && unpriced ? "without the nodes" : "";
      return { item: `an hour owned, ${part}`, amount: perHour[part] / secondsPerHour, unit: "USD/s", note };
    }),
    total === "unknown"
      ? { item: "an hour owned, at least", amount: total, unit: "USD/s", note: "the nodes have no price" }
      : {
          item: "an hour owned, at least",
          amount:
            total[0] === total[2] ? total[1] / secondsPerHour : [total[0] / secondsPerHour, total[2] / secondsPerHour],
          unit: "USD/s",
          note: `${whose}; without ${lacking.map(({ what }) => what).join(", ")}`,
        },
  ];
}

function evenLines({ total, rentPerHour, evenShare, evenNode, years }: Owning): readonly Line[] {
  const rent: Line = {
    item: "an hour rented",
    amount: rentPerHour === "unknown" ? rentPerHour : rentPerHour / secondsPerHour,
    unit: "USD/s",
    note: rentPerHour === "unknown" ? "known with economics.acceleratorHour" : "",
  };
  const even: Line = {
    item: "rent at which both cost the same",
    amount: total === "unknown" ? total : total[1] / secondsPerHour,
    unit: "USD/s",
    note:
      total === "unknown"
        ? "the nodes have no price"
        : "every hour used, at the likely prices; below it renting costs less",
  };
  return [
    rent,
    even,
    ...(evenShare === undefined ? [] : [useLine(evenShare, years)]),
    ...(evenNode === undefined || !(evenNode > 0)
      ? []
      : [
          {
            item: "price of a node at which both cost the same",
            amount: evenNode,
            unit: "USD",
            note: "every hour used; below it owning costs less",
          } as const,
        ]),
  ];
}

function useLine(share: number, years: number): Line {
  const whole = formatQuantity(years, "seconds");
  const item = "use from which owning costs less";
  if (share > 1)
    return { item, amount: "unknown", unit: "s", note: `never in ${whole}: renting costs less even at full use` };
  return { item, amount: share * years, unit: "s", note: `of ${whole}, whoever uses them` };
}

/** What is in no total, each with what makes it known. */
export function lackingText({ what, why, key }: Lacking): string {
  return `${what}: ${why}${key === undefined ? "" : `; known with ${key}`}`;
}
