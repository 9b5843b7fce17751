/** `explain --bill`: what a design is made of, and of a job or a service what owning it costs beside its rent. */

import { billLines, type FabricBill, type Line, type Owning, owningLines } from "../economics/index.ts";
import { billOfDesign, type Design, owningOfDesign, type Prediction } from "../scenario/index.ts";

export interface BillAnswer {
  readonly lines: readonly Line[];
  readonly fabrics: readonly (FabricBill | { readonly unknown: string })[];
  readonly owning?: { readonly lines: readonly Line[] } & Pick<Owning, "lacking" | "taken">;
}

/** Exercises of the network have no rent to hold owning against. */
export function billAnswer(design: Design, prediction: Prediction): BillAnswer {
  const bill = billOfDesign(design);
  const fabrics = bill.machines.map(({ fabric, fabricUnknown = "" }) => fabric ?? { unknown: fabricUnknown });
  const answer = { lines: billLines(bill), fabrics };
  if (design.kind !== "training" && design.kind !== "serving") return answer;
  const owning = owningOfDesign(design, { bill, prediction });
  const { lacking, taken } = owning;
  return { ...answer, owning: { lines: owningLines(owning), lacking, taken } };
}
