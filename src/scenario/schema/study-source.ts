/** A study as it is written: the scenario that varies, apart from what varies in it. */

import { ProblemError } from "../../base/problem.ts";
import { readOnce } from "./fields.ts";
import { emptyProblem, type ParseOptions } from "./parse.ts";
import { inOrder, problemsOf } from "./problems.ts";
import { type Places, readSource } from "./source.ts";
import { isObject } from "./structure.ts";
import { type StudyText, studyKeys, studySchema } from "./study.ts";

/** A study before its space is looked at. */
export interface StudySource extends StudyText {
  /** The scenario as written, without the keys of the study; a field may be given by `vary` alone. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly places: Places;
}

/**
 * Reads a study from YAML or JSON text. The scenario itself is checked with the values put in, by the reader of the space.
 * @throws ProblemError with every mistake of syntax and of the study's own keys.
 */
export function parseStudy(text: string, options: ParseOptions = {}): StudySource {
  const { value, places, problems } = readSource(text, options.file);
  if (problems.length > 0) throw new ProblemError(problems);
  if (!isObject(value)) throw new ProblemError([emptyProblem(places)]);
  const parsed = studySchema.safeParse(value, readOnce);
  if (!parsed.success) throw new ProblemError(inOrder(problemsOf(parsed.error.issues, value, places)));
  const base = Object.fromEntries(
    Object.entries(value).filter(([key]) => !(studyKeys as readonly string[]).includes(key)),
  );
  const { vary, sampling, objective, constraints } = parsed.data;
  return {
    base,
    places,
    ...(vary === undefined ? {} : { vary }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(objective === undefined ? {} : { objective }),
    ...(constraints === undefined ? {} : { constraints }),
  };
}
