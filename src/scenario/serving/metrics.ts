/** Names and units of what serving predicts: DESIGN 2.3. */

/** Latencies that have a mean and percentiles. */
export const latencyMetrics = [
  "timeToFirstToken",
  "timePerOutputToken",
  "interTokenLatency",
  "endToEndLatency",
] as const;

const units: Readonly<Record<string, string>> = {
  requestsPerSecond: "1/s",
  outputTokensPerSecond: "token/s",
  totalTokensPerSecond: "token/s",
  outputTokensPerSecondPerAccelerator: "token/s",
  outputTokensPerSecondPerUser: "token/s",
  sloGoodput: "1/s",
  costPerMillionOutputTokens: "USD",
  cost: "USD",
  power: "W",
  energy: "J",
  energyPerOutputToken: "J",
  duration: "s",
};

/** Unit of a metric; what is neither a time, a rate nor money is a count or a share. */
export function servingUnit(name: string): string {
  if (latencyMetrics.some((metric) => name.startsWith(`${metric}.`))) return "s";
  return units[name] ?? "1";
}
