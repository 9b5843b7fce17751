/** What a wanted goodput demands, for people. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { GoodputDemands } from "../../../src/operations/goodput.ts";
import type { View } from "../view.ts";
import { renderTable } from "./table.ts";

const time = (value: number): string => formatQuantity(value, "seconds");
const ratio = (value: number): string => formatQuantity(value, "ratio");

export function goodputLines(demands: GoodputDemands, view: View): string[] {
  const { goodput, now, stall, recovery, interval, rate, budgets } = demands;
  const none = "not by this alone";
  const rows = [
    ["stall, interval at its best", time(now.stall), stall === undefined ? none : `at most ${time(stall)}`],
    [
      "interval between checkpoints",
      time(now.interval),
      interval === undefined ? none : `${time(interval[0])} to ${time(interval[1])}`,
    ],
    [
      "from a failure until steps go on",
      time(now.recovery),
      recovery === undefined ? none : `at most ${time(recovery)}`,
    ],
    [
      "time between interruptions",
      time(now.timeBetweenInterruptions),
      rate === undefined ? none : `at least ${time(1 / rate)}`,
    ],
  ];
  const title = `What ${ratio(goodput)} goodput demands, one thing at a time (now ${ratio(now.goodput)})`;
  return [
    "",
    view.bold(title),
    ...renderTable([{ title: "" }, { title: "now", align: "right" }, { title: "needed" }], rows),
    "",
    view.bold("By stall: the best interval, what it costs, and what is left to notice and restart"),
    ...renderTable(
      [
        { title: "stall", align: "right" },
        { title: "interval", align: "right" },
        { title: "lost", align: "right" },
        { title: "left", align: "right" },
      ],
      budgets.map((each) => [
        time(each.stall),
        time(each.interval),
        ratio(each.overhead),
        each.recovery === undefined ? "nothing" : time(each.recovery),
      ]),
    ),
  ];
}
