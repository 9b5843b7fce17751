/** What is different from an earlier proposal. */

import type { Block, Section } from "../document.ts";
import type { Earlier, ReportFacts } from "../facts.ts";
import { changeOf, metricName, recommendedOf, shown } from "../text.ts";

export function changesSection(facts: ReportFacts, earlier: Earlier): Section {
  const { units } = facts;
  const now = recommendedOf(facts).name;
  const same = now === earlier.recommended;
  const text = same
    ? `"${earlier.name}" recommended the same option, "${now}".`
    : `"${earlier.name}" recommended "${earlier.recommended}"; this one recommends "${now}".`;
  const metrics: Block = {
    kind: "table",
    caption: "Metrics of the recommended option, then and now",
    columns: [
      { title: "metric" },
      { title: "then", align: "right" },
      { title: "now", align: "right" },
      { title: "change", align: "right" },
    ],
    rows: earlier.metrics.map(({ metric, before, after }) => [
      metricName(metric),
      shown(before, units[metric]),
      shown(after, units[metric]),
      before === undefined || after === undefined || before === 0 ? "–" : changeOf(after / before),
    ]),
  };
  const fields: Block = {
    kind: "table",
    caption: "Fields of its scenario that are written differently",
    columns: [{ title: "field" }, { title: "then" }, { title: "now" }],
    rows: earlier.fields.map(({ path, before, after }) => [path, before ?? "not given", after ?? "not given"]),
  };
  const parts: Block = {
    kind: "table",
    caption: "What makes the difference in time, by part",
    columns: [{ title: "part" }, { title: "adds", align: "right" }],
    rows: earlier.parts.map(({ label, share }) => [label, `${share < 0 ? "−" : "+"}${shown(Math.abs(share), "s")}`]),
  };
  return {
    id: "changes",
    title: "What changed",
    blocks: [
      { kind: "paragraph", text },
      ...(earlier.fields.length === 0 ? [] : [fields]),
      ...(earlier.metrics.length === 0 ? [] : [metrics]),
      ...(earlier.parts.length === 0 ? [] : [parts]),
    ],
  };
}
