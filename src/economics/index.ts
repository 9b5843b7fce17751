/** Economics: power, energy, rent and ownership. */
export type { AcceleratorPrice, Cost, EnergyBill } from "./cost.ts";
export { costPerMillionTokens, rentalCost } from "./cost.ts";
export type { Facility, FacilityQuestion } from "./facility.ts";
export { facilityOf } from "./facility.ts";
export type { Ownership, OwnershipCost } from "./ownership.ts";
export { amortisation, capitalRecoveryFactor, ownershipCost } from "./ownership.ts";
export type { BusyFractions, Energy, NodePower } from "./power.ts";
export { acceleratorPower, busyFractions, clusterEnergy, defaultPue, nodePower } from "./power.ts";
