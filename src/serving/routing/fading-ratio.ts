/** A ratio of two sums that forget: each loses half of its weight in a given time. Starts from what is assumed. */

import { pow } from "../../base/math.ts";
import type { Seconds } from "../../base/quantity.ts";

export interface Assumed {
  readonly value: number;
  /** Weight of it, in units of the denominator. */
  readonly weight: number;
}

export class FadingRatio {
  private numerator = 0;
  private denominator = 0;
  private at = 0;
  private readonly halfLife: Seconds;
  private readonly assumed: Assumed;

  constructor(halfLife: Seconds, assumed: Assumed) {
    this.halfLife = halfLife;
    this.assumed = assumed;
  }

  add(numerator: number, denominator: number, now: Seconds): void {
    this.fade(now);
    this.numerator += numerator;
    this.denominator += denominator;
  }

  value(now: Seconds): number {
    this.fade(now);
    const weight = this.denominator + this.assumed.weight;
    return weight > 0 ? (this.numerator + this.assumed.value * this.assumed.weight) / weight : this.assumed.value;
  }

  private fade(now: Seconds): void {
    if (now <= this.at) return;
    const left = pow(0.5, (now - this.at) / this.halfLife);
    this.numerator *= left;
    this.denominator *= left;
    this.at = now;
  }
}
