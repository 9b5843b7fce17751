/** What owners pay beside the machines, where a dated source says: taken where a scenario gives no figure, and printed. */

export interface OwnerDefault {
  /** SI, as the scenario's key of this name has it. */
  readonly value: number;
  readonly written: string;
  readonly reason: string;
  /** Absent: assumed. */
  readonly source?: string;
}

const secondsPerYear = 365 * 86_400;

export const ownerDefaults: Readonly<
  Record<"years" | "rate" | "salvage" | "hostingPerMonth" | "energy", OwnerDefault>
> = Object.freeze({
  years: {
    value: 5 * secondsPerYear,
    written: "5 years",
    reason: "not given; large clouds write servers off over 5 to 6 years, younger ones over 4 to 6 (filings of 2025)",
    source: "depreciation-filings",
  },
  rate: { value: 0.1, written: "10 %", reason: "not given; cost of capital a year, assumed" },
  salvage: { value: 0, written: "0 %", reason: "not given; nothing is fetched at the end, assumed" },
  hostingPerMonth: {
    value: 0.184,
    written: "184 $/kW",
    reason: "not given; rent of halls of 250 to 500 kW in the USA, first half of 2025, without energy",
    source: "cbre-colocation",
  },
  energy: {
    value: 0.0826 / 3.6e6,
    written: "0.0826 $/kWh",
    reason: "not given; mean of industry in the USA, 2025",
    source: "epoch-hardware",
  },
});
