/**
 * A gap shared out over those who may carry it.
 *
 * Errors e_i of the parts are taken as independent with mean 0 and standard deviations s_i, their sum as known: the gap.
 * The most likely e_i are then in proportion to their variances,
 *
 *     e_i = gap s_i^2 / (sum s_j^2 + s_0^2)
 *
 * s_0 that of the measurement. No part takes more than its room; what it cannot take goes to the others in the same
 * proportion. What nobody can take stays over. A larger gap never lowers a share.
 * @source tarantola-2005
 */

export interface Carrier {
  /** Its variance; any unit that all carriers share. */
  readonly weight: number;
  /** The most that it can carry, 0 or more. */
  readonly room: number;
}

/** What each carries of a gap of 0 or more; together at most the gap. */
export function sharesOf(gap: number, carriers: readonly Carrier[], noise = 0): readonly number[] {
  const shares = carriers.map(() => 0);
  const order = carriers
    .map(({ weight, room }, index) => ({ weight, room, index }))
    .filter(({ weight, room }) => weight > 0 && room > 0)
    .sort((a, b) => a.room / a.weight - b.room / b.weight || a.index - b.index);
  let left = gap;
  let weights = order.reduce((total, { weight }) => total + weight, noise);
  for (const { weight, room, index } of order) {
    // Those with the least room for their weight come first: once one has room to spare, all after it have.
    const share = Math.min(room, (left * weight) / Math.max(weights, weight));
    shares[index] = share;
    left -= share;
    weights -= weight;
  }
  return shares;
}
