/** Owning what an option is made of, held against renting it: every option in a row, the recommended one by part. */

import { amountText, type Line, lackingText, type Owning, owningLines } from "../../economics/index.ts";
import type { Option } from "../decision/question.ts";
import type { Block, Cell } from "../document.ts";
import type { ReportFacts } from "../facts.ts";
import { percent, recommendedOf, shown } from "../text.ts";

export function ownOrRent(facts: ReportFacts): readonly Block[] {
  const { options, ownings, choice } = facts;
  const built = options.flatMap((option, index) => {
    const owning = ownings[index];
    return owning === undefined ? [] : [{ option, owning, chosen: index === choice.index }];
  });
  if (built.length === 0) return [];
  return [
    { kind: "heading", text: "Own or rent" },
    {
      kind: "table",
      caption:
        "An hour of one accelerator, rented and owned, where owned is without what is listed below. Owning pays from this use of its years on; at full use a node may cost so much before renting is cheaper.",
      columns: [
        { title: "option" },
        { title: "rented", align: "right" },
        { title: "owned, at least", align: "right" },
        { title: "owning pays from", align: "right" },
        { title: "a node may cost", align: "right" },
      ],
      rows: built.map(({ option, owning, chosen }) =>
        [option.name, ...overview(owning)].map((text): Cell => (chosen ? { text, strong: true } : text)),
      ),
    },
    ...recommended(facts),
  ];
}

function overview(owning: Owning): readonly string[] {
  const { rentPerHour, total, evenShare, evenNode } = owning;
  const hour = (dollars: number): string => amountText({ item: "", amount: dollars / 3600, unit: "USD/s", note: "" });
  const owned =
    total === "unknown" ? total : total[0] === total[2] ? hour(total[1]) : `${hour(total[0])} to ${hour(total[2])}`;
  const used = evenShare === undefined ? "unknown" : evenShare > 1 ? "never" : `${percent(evenShare)} of hours used`;
  const node = evenNode === undefined ? "unknown" : evenNode > 0 ? shown(evenNode, "USD") : "none";
  return [rentPerHour === "unknown" ? rentPerHour : hour(rentPerHour), owned, used, node];
}

function recommended(facts: ReportFacts): readonly Block[] {
  const owning = facts.ownings[facts.choice.index];
  if (owning === undefined) return [];
  const { lacking, taken } = owning;
  const said = useText(recommendedOf(facts), owning);
  return [
    ...(said === undefined ? [] : [{ kind: "paragraph", text: said } as const]),
    {
      kind: "table",
      caption: "What owning the recommended design takes, by part",
      columns: [{ title: "part" }, { title: "amount", align: "right" }, { title: "from" }],
      rows: owningLines(owning).map((line: Line) => [line.item, amountText(line), line.note]),
    },
    {
      kind: "list",
      items: [
        ...lacking.map((each) => `not in it: ${lackingText(each)}`),
        ...taken.map(({ path, value, reason }) => `${path}: ${value} (${reason})`),
      ],
    },
  ];
}

/** What one run uses of the years that capital is recovered over, or what a million tokens costs an owner. */
function useText(
  { prediction }: Option,
  { total, rentPerHour, evenShare, years, accelerators }: Owning,
): string | undefined {
  if (prediction === undefined || total === "unknown") return undefined;
  const { timeToTrain, outputTokensPerSecondPerAccelerator: tokens } = prediction.metrics;
  if (timeToTrain !== undefined) {
    const share = timeToTrain / years;
    const owned = shown((total[1] * accelerators * timeToTrain) / 3600, "USD");
    const rented =
      rentPerHour === "unknown" ? "" : ` (rented ${shown((rentPerHour * accelerators * timeToTrain) / 3600, "USD")})`;
    const enough =
      evenShare === undefined || evenShare > 1
        ? ""
        : `; owning pays only if other work fills them to ${percent(evenShare)}`;
    return `The run takes ${percent(share)} of the ${shown(years, "s")} over which capital is recovered${enough}. Its own share of those years costs ${owned} or more${rented}.`;
  }
  if (tokens === undefined || !(tokens > 0)) return undefined;
  const each = (perHour: number): string => shown((perHour / 3600 / tokens) * 1e6, "USD");
  const rented = rentPerHour === "unknown" ? "" : ` rented, ${each(rentPerHour)}`;
  return `A million output tokens cost at least ${each(total[1])} on owned machines that serve this load in all of their years${rented === "" ? "" : `;${rented}`}.`;
}
