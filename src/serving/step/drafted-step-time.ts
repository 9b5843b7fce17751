/**
 * Iterations that also draft: the model checks the tokens drafted before, then the drafter proposes the next ones, one
 * after the other.
 *
 *     T = verify(1 + k tokens a sequence) + draft(the same tokens) + (k - 1) draft(1 token a sequence)
 *
 * k drafted tokens. The drafter's first pass brings its own cache up to what the model just computed, prompts included;
 * every pass draws one token for each sequence that goes on. Ignores: host work between passes, drafting beside
 * verification, sequences that end in the iteration (they are drafted for once in vain), growth of contexts by k.
 * @source leviathan-2023
 */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf } from "../../base/term.ts";
import { Batch, type StepTime } from "./batch.ts";

export interface DraftedParts {
  /** Of the model alone. */
  readonly step: StepTime;
  /** Of the drafter's layers, embedding and head. */
  readonly drafter: StepTime;
  /** The product that joins hidden vectors before the drafter's layer, for so many tokens of one rank. */
  readonly joining: (tokens: number) => Seconds;
  /** Tokens drafted for a sequence. */
  readonly drafted: number;
}

export function draftedStepTime({ step, drafter, joining, drafted }: DraftedParts): StepTime {
  const first: Batch[] = [];
  const later: Batch[] = [];
  const drafting = (batches: readonly Batch[]): Seconds => {
    while (first.length < batches.length) {
      first.push(new Batch());
      later.push(new Batch());
    }
    first.length = batches.length;
    later.length = batches.length;
    let tokens = 0;
    let sequences = 0;
    for (let rank = 0; rank < batches.length; rank++) {
      fill(batches[rank] as Batch, first[rank] as Batch, later[rank] as Batch);
      tokens = Math.max(tokens, (first[rank] as Batch).tokens);
      sequences = Math.max(sequences, (later[rank] as Batch).decodes);
    }
    if (tokens === 0) return 0;
    const once = drafter.time(first) + joining(tokens);
    return sequences === 0 ? once : once + (drafted - 1) * (drafter.time(later) + joining(sequences));
  };
  return {
    time: (batches) => step.time(batches) + drafting(batches),
    drafting,
    terms(batches) {
      const value = drafting(batches);
      const formula = "first pass + (drafted - 1) x pass of one token a sequence";
      const own = leaf({ name: "drafting", label: "Drafting", value, formula, origin: "derived" });
      return sumOf({ name: "iteration", label: "Iteration on the accelerators" }, [
        { ...step.terms(batches), name: "verification", label: "Verifying drafted tokens" },
        own,
      ]);
    },
  };
}

/** What the drafter computes first beside a batch of the model, and what it computes for every token after that. */
function fill(batch: Batch, first: Batch, later: Batch): void {
  const { decodes, decodeTokens, prefills } = batch;
  const ended = Math.max(0, batch.sampled - decodeTokens);
  first.clear();
  first.decodes = decodes;
  first.decodeTokens = decodeTokens;
  first.decodeContext = batch.decodeContext;
  first.decodeContextMin = batch.decodeContextMin;
  first.decodeContextMax = batch.decodeContextMax;
  let reach = 0;
  let longest = 0;
  for (let index = 0; index < prefills; index++) {
    const chunk = batch.prefillChunk[index] as number;
    const cached = batch.prefillCached[index] as number;
    first.addPrefill(chunk, cached);
    reach += chunk + cached;
    longest = Math.max(longest, chunk + cached);
  }
  const sequences = decodes + ended;
  first.sampled = sequences;
  later.clear();
  if (sequences === 0) return;
  // Which of the prompts ended is not known here: they count with their mean.
  const prompts = ended === 0 ? 0 : (ended * reach) / prefills;
  later.decodes = sequences;
  later.decodeTokens = sequences;
  later.decodeContext = batch.decodeContext + decodeTokens + prompts;
  later.decodeContextMax = Math.max(batch.decodeContextMax, ended === 0 ? 0 : longest);
  later.decodeContextMin = Math.min(batch.decodeContextMin, later.decodeContext / sequences);
  later.sampled = sequences;
}
