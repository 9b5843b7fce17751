/** `report`: a question and its options as a written proposal, one document for a design review. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { utf8 } from "../base/sha256.ts";
import { htmlOf, markdownOf, type ReportFacts, reportDocument } from "../report/index.ts";
import type { Host } from "./host.ts";
import { field, type Operation } from "./operation.ts";
import { earlierOf } from "./report/earlier.ts";
import { factsOf } from "./report/facts.ts";
import { readQuestion } from "./report/read.ts";

export interface ReportInput {
  readonly question: readonly string[];
  readonly output: string;
  readonly against?: string;
  readonly date?: string;
}

export interface ReportOutput {
  readonly file: string;
  readonly bytes: number;
  readonly facts: ReportFacts;
}

export const reportOperation: Operation<ReportInput, ReportOutput> = {
  name: "report",
  summary: "Write a proposal for a design review: the ask, requirements, options, costs, risks, and what flips it.",
  input: z.strictObject({
    question: field(z.array(z.string().min(1)).min(1, "name a proposal or scenarios"), {
      description: "a proposal file, or scenarios as options; one scenario alone is held against changes of it",
      as: "arguments",
    }),
    output: field(z.string().min(1), {
      description: "where the document goes: .html, .md or .pdf (printed by Chromium)",
      short: "o",
      value: "FILE",
    }),
    against: field(z.string().min(1).exactOptional(), {
      description: "an earlier proposal or scenario: what changed since",
      value: "OLD",
    }),
    date: field(
      z
        .string()
        .regex(/^\d{4}-\d{2}-\d{2}$/, "a date is written 2026-12-15")
        .exactOptional(),
      {
        description: "day of the document; that of the proposal without it",
        value: "DAY",
      },
    ),
  }),
  examples: [
    { command: "windtunnel report proposal.yaml -o proposal.html", does: "one page to open anywhere, light and dark" },
    { command: "windtunnel report h100.yaml b200.yaml -o choice.md", does: "two scenarios as options" },
    { command: "windtunnel report scenario.yaml -o review.pdf", does: "one design against changes of it, printed" },
    { command: "windtunnel report new.yaml --against old.yaml -o new.html", does: "with what changed" },
  ],
  document: ({ file, bytes, facts }) => ({ file, bytes, ...decisionOf(facts) }),
  infeasible: ({ facts }) => facts.options[facts.choice.index]?.prediction?.feasible !== true,
  async run({ question, output, against, date }, host) {
    const form = formOf(output);
    const asked = await readQuestion(question, host);
    const found = await factsOf(asked, host);
    const earlier = against === undefined ? undefined : earlierOf(await readQuestion([against], host), asked);
    const facts: ReportFacts = {
      ...found,
      ask: { ...found.ask, ...(date === undefined ? {} : { date }) },
      ...(earlier === undefined ? {} : { earlier }),
    };
    return { file: output, bytes: await written(facts, { form, output }, host), facts };
  },
};

type Form = "html" | "md" | "pdf";

function formOf(output: string): Form {
  const ending = /\.(html|md|pdf)$/.exec(output)?.[1];
  if (ending !== undefined) return ending as Form;
  const message = `found "${output}", expected a name that ends in .html, .md or .pdf`;
  throw new ProblemError([{ path: "--output", message, hint: "e.g. -o proposal.html" }]);
}

async function written(
  facts: ReportFacts,
  { form, output }: { readonly form: Form; readonly output: string },
  host: Host,
): Promise<number> {
  const document = reportDocument(facts);
  if (form === "pdf") {
    const bytes = await host.print(htmlOf(document));
    await host.writeBytes(output, bytes);
    return bytes.length;
  }
  const text = form === "md" ? markdownOf(document) : htmlOf(document);
  await host.write(output, text);
  return utf8(text).length;
}

/** What programs read of it: the decision, not the page. */
function decisionOf(facts: ReportFacts): Readonly<Record<string, unknown>> {
  const { title, ask, requirements, goal, units, options, judgements, choice, flips, measureNext, earlier } = facts;
  return {
    title,
    ask,
    objective: goal,
    requirements,
    options: options.map(({ name, role, what, prediction }, index) => ({
      name,
      role,
      what,
      metrics: prediction?.metrics ?? null,
      requirements: (judgements[index] ?? []).map(({ requirement, ...judgement }) => ({
        id: requirement.id,
        ...judgement,
      })),
    })),
    units,
    recommended: options[choice.index]?.name ?? null,
    keepsAll: choice.keepsAll,
    flips,
    measureNext,
    ...(earlier === undefined ? {} : { earlier }),
  };
}
