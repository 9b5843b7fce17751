/** Times between tokens of a request, pooled over all: most tokens of an iteration follow those of the one before. */

import type { Seconds } from "../../base/quantity.ts";
import { type Sketch, sketch } from "../../base/statistics.ts";

/** Relative error of the pooled percentiles. */
const gapError = 0.002;

export class TokenGaps {
  readonly sketch: Sketch = sketch(gapError);
  /** When the tokens of the last iteration came, and how many of this one's follow them. */
  private previous: Seconds = Number.NaN;
  private following = 0;

  /** `gained` tokens at once, after one at `last`. */
  add(last: Seconds, now: Seconds, gained: number): void {
    if (last === this.previous) this.following += 1;
    else this.sketch.add(now - last);
    if (gained > 1) this.sketch.add(0, gained - 1);
  }

  /** The iteration that ends now gave all its tokens. */
  close(now: Seconds): void {
    if (this.following > 0) this.sketch.add(now - this.previous, this.following);
    this.following = 0;
    this.previous = now;
  }
}
