/** A report: facts in, a document out. The order of sections is that of a design review. */

import { version } from "../scenario/index.ts";
import type { ReportDocument, Section } from "./document.ts";
import type { ReportFacts } from "./facts.ts";
import { askSection } from "./sections/ask.ts";
import { assumptionsSection } from "./sections/assumptions.ts";
import { changesSection } from "./sections/changes.ts";
import { costsSection } from "./sections/costs.ts";
import { designSection } from "./sections/design.ts";
import { evidenceSection } from "./sections/evidence.ts";
import { experimentsSection } from "./sections/experiments.ts";
import { goodputSection } from "./sections/goodput.ts";
import { notModelledSection } from "./sections/not-modelled.ts";
import { optionsSection } from "./sections/options.ts";
import { performanceSection } from "./sections/performance.ts";
import { rangesSection } from "./sections/ranges.ts";
import { requirementsSection } from "./sections/requirements.ts";
import { whatMustHoldSection } from "./sections/what-must-hold.ts";

export function reportDocument(facts: ReportFacts): ReportDocument {
  const { title, ask, earlier } = facts;
  const byline = [
    ask.owner,
    ask.date ?? "undated",
    ...(ask.decideBy === undefined ? [] : [`decide by ${ask.decideBy}`]),
  ];
  return {
    title,
    byline: byline.filter((part) => part !== undefined).join(" · "),
    sections: [
      askSection(facts),
      requirementsSection(facts),
      optionsSection(facts),
      ...whatMustHoldSection(facts),
      ...rangesSection(facts),
      designSection(facts),
      performanceSection(facts),
      ...goodputSection(facts),
      costsSection(facts),
      assumptionsSection(facts),
      notModelledSection(facts),
      evidenceSection(facts),
      experimentsSection(facts),
      ...(earlier === undefined ? [] : [changesSection(facts, earlier)]),
      filesSection(facts),
    ],
    colophon: `Written by windtunnel ${version}; the same files and version give the same document, byte for byte.`,
  };
}

function filesSection({ files }: ReportFacts): Section {
  return {
    id: "files",
    title: "Files to reproduce it",
    blocks: [
      {
        kind: "paragraph",
        text: "Saved under these names in one folder, windtunnel report on the first gives this document.",
      },
      ...files.map(({ name, text }) => ({ kind: "file", name, text }) as const),
    ],
  };
}
