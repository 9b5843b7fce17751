/**
 * Long work in steps: it pauses between them, so that whoever runs it may look up (an interruption, a page that is drawn).
 * What does not care runs it to its end.
 */

/** Work that pauses now and then, and its result. */
export type Steps<Result> = Generator<void, Result, void>;

/** The result, without a pause. */
export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
