/** Economics: power, energy, rent, ownership, and the bill of what a design is made of. */
export type { Bill, BillQuestion, FabricBill, Machines, MachinesBill, SiteTerms, StorageNeed } from "./bill.ts";
export { billOf } from "./bill.ts";
export { billLines } from "./bill-lines.ts";
export type { CapitalPart } from "./capital.ts";
export type { AcceleratorPrice, Cost, EnergyBill } from "./cost.ts";
export { costPerMillionTokens, rentalCost } from "./cost.ts";
export type { Facility, FacilityGroup, FacilityQuestion } from "./facility.ts";
export { facilityOf } from "./facility.ts";
export { amountText, itemText, type Line } from "./line.ts";
export type { OwnerTerms } from "./owner-terms.ts";
export type { Ownership, OwnershipCost } from "./ownership.ts";
export { amortisation, capitalRecoveryFactor, ownershipCost } from "./ownership.ts";
export type { Lacking, Owning, OwningQuestion } from "./owning.ts";
export { owningOf } from "./owning.ts";
export { lackingText, owningLines } from "./owning-lines.ts";
export type { BusyFractions, Energy, NodePower } from "./power.ts";
export { acceleratorPower, busyFractions, clusterEnergy, defaultPue, nodePower } from "./power.ts";
