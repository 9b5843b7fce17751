/** A layout search for people: the best, what ties with it, what was covered and how. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { LayoutSearch } from "../../../src/operations/index.ts";
import { hanging, type View } from "../view.ts";
import { renderTable } from "./table.ts";

type Found = LayoutSearch["closest"][number] & { readonly like?: number };

const columns = [
  { title: "step", align: "right" },
  { title: "beyond best", align: "right" },
  { title: "memory", align: "right" },
  { title: "layout" },
] as const;

export function renderLayouts(output: LayoutSearch, view: View): string {
  const { name, best, closest } = output;
  const [first] = best;
  const title = first === undefined ? "Layouts that lack least" : "Best layouts";
  const parts = [
    [view.bold(name), "", ...answerLines(output, view), ...againstLines(output, view)],
    tableOf(title, first === undefined ? closest : best, first, view),
    whyLines(output, view),
    frontLines(output, view),
    [view.bold("Proof"), ...coveredLines(output)],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function tableOf(title: string, found: readonly Found[], first: Found | undefined, view: View): string[] {
  if (found.length === 0) return [];
  const rows = found.map((each) => cellsOf(each, first ?? each));
  return [view.bold(title), ...renderTable(columns, rows, view.width)];
}

function answerLines(output: LayoutSearch, view: View): string[] {
  const { best, near, within, ended, closest, memoryMost } = output;
  const [first] = best;
  if (first === undefined) {
    if (ended === "stopped")
      return [`  ${view.bold("stopped before a layout that fits was found")}: give it more time`];
    const [least] = closest;
    const lacking =
      least === undefined ? "" : `: the nearest lacks ${formatQuantity(least.memory - memoryMost, "bytes")}`;
    return [`  ${view.bold("no layout fits")} in ${formatQuantity(memoryMost, "bytes")}${lacking}`];
  }
  const so = ended === "proven" ? "fastest layout" : "fastest layout so far, stopped early";
  const share = `${formatShare(within)} %`;
  const tie =
    near === 1
      ? `  no other is within ${share} of it`
      : `  ${formatQuantity(near, "count")} layouts are within ${share} of the best`;
  return [`  ${so}: ${view.bold(formatQuantity(first.stepTime, "seconds"))} a step`, tie, ...errorLines(output)];
}

function errorLines({ alike }: LayoutSearch): string[] {
  if (alike === undefined) return ["  no measured run says how far off the model is here"];
  const [low, high] = alike.range.map((time) => formatQuantity(time, "seconds"));
  const count = `${alike.complete ? "" : "at least "}${alike.count.toLocaleString("en")}`;
  return [
    `  by measured runs the best takes ${low} to ${high}; the ranges of ${count} layouts overlap with it: no measurement`,
    "  says which of them is the fastest, so choose among them by what you trust (less memory, fewer stages)",
  ];
}

function againstLines({ against, best, memoryMost }: LayoutSearch, view: View): string[] {
  const [first] = best;
  if (against === undefined || first === undefined) return [];
  const gap = against.stepTime / first.stepTime - 1;
  const beyond = `${Math.abs(gap * 100).toFixed(1)} % ${gap < 0 ? "faster" : "slower"} than the best`;
  const error =
    against.told === undefined
      ? ""
      : against.told === "alike"
        ? ", inside the model's error"
        : ", beyond the model's error";
  const time = formatQuantity(against.stepTime, "seconds");
  const memory =
    against.memory > memoryMost
      ? [`  it needs ${formatQuantity(against.memory, "bytes")}, more than is allowed here`]
      : [];
  const count = `${against.complete ? "" : "at least "}${against.faster.toLocaleString("en")}`;
  const rank = `${count} layouts of the space are faster than it`;
  return [hanging("  ", `the design held against it: ${time}, ${beyond}${error}; ${rank}`, view.width), ...memory];
}

/** Layouts that are told with what makes them faster. */
const explained = 5;

function whyLines({ best }: LayoutSearch, view: View): string[] {
  const faster = best.filter(({ why }) => why !== undefined).slice(0, explained);
  if (faster.length === 0) return [];
  const lines = faster.map(({ stepTime, why = [] }, index) => {
    const parts = why.map(
      ({ label, share }) => `${label} ${share < 0 ? "-" : "+"}${formatQuantity(Math.abs(share), "seconds")}`,
    );
    return hanging(`  ${index + 1}. `, `${formatQuantity(stepTime, "seconds")}: ${parts.join("; ")}`, view.width);
  });
  return [view.bold("Why they are faster than the design held against them"), ...lines];
}

/** Layouts of the front that are listed. */
const frontMost = 6;

/** What memory costs in time, where the model does not tell the times apart. */
function frontLines({ alike, best }: LayoutSearch, view: View): string[] {
  const front = alike?.front ?? [];
  if (front.length < 2) return [];
  const step = Math.max(1, (front.length - 1) / (frontMost - 1));
  const shown = Array.from(
    { length: Math.min(front.length, frontMost) },
    (_, index) => front[Math.round(index * step)],
  );
  const title = `Least memory among them, ${front.length.toLocaleString("en")} steps from fast to small`;
  return tableOf(
    title,
    shown.filter((each) => each !== undefined),
    best[0],
    view,
  );
}

function coveredLines({ covered, ended, within }: LayoutSearch): string[] {
  const shown = (count: number): string => count.toLocaleString("en");
  return [
    `  ${shown(covered.space)} layouts in the space: ${shown(covered.slower)} left out by the time bound, ${shown(covered.larger)} by the memory bound,`,
    `  ${shown(covered.refused)} do not go together, ${shown(covered.evaluated)} evaluated as predict does` +
      (covered.left === 0 ? "" : `, ${shown(covered.left)} not looked at`),
    ended === "proven"
      ? `  proven: no layout of the space that fits is faster, and none within ${formatShare(within)} % is missing`
      : "  not proven: the search was stopped",
  ];
}

function cellsOf({ stepTime, memory, layout, like = 0 }: Found, first: Found): string[] {
  const others = like === 0 ? "" : `; ${like} more with other chunks`;
  return [
    formatQuantity(stepTime, "seconds"),
    `${((stepTime / first.stepTime - 1) * 100).toFixed(1)} %`,
    formatQuantity(memory, "bytes"),
    Object.entries(layout)
      .filter(([key, value]) => value !== 0 && (value !== 1 || key.endsWith("Offload")))
      .map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(", ") + others,
  ];
}

function formatShare(share: number): string {
  return String(Number((share * 100).toPrecision(3)));
}
