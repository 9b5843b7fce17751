/** A scenario as a specification: its machines, their tests, and the tests of the work that they are for. */

import { ProblemError } from "../base/problem.ts";
import {
  billOfDesign,
  type Design,
  owningOfDesign,
  type Prediction,
  predictDesign,
  resolve,
  version,
} from "../scenario/index.ts";
import { collectiveTests } from "./collective-tests.ts";
import { deviceTests } from "./device-tests.ts";
import { type Drafts, joined } from "./draft.ts";
import { linkTests } from "./link-tests.ts";
import { machinesOf, type Named } from "./machines.ts";
import { costLines, notCosted, orderOf } from "./order.ts";
import { type Requirement, type Specification, specificationFormat, specificationVersion } from "./specification.ts";
import { servingTests, storageTests, trainingTests } from "./workload-tests.ts";

/** @throws ProblemError: mistakes in the scenario, a design that does not fit. */
export function specificationOf(named: Named): Specification {
  const { scenario, files } = named;
  const design = resolve(scenario, files);
  const prediction = worked(design);
  const machines = machinesOf(named);
  const bill = billOfDesign(design);
  const { order, figures, notCovered } = orderOf(bill);
  const owning = prediction === undefined ? undefined : owningOfDesign(design, { bill, prediction });
  const tests = joined([
    ...machines.flatMap((each) => [deviceTests(each), linkTests(each), collectiveTests(each)]),
    workTests(design, prediction),
  ]);
  const inspections: readonly Requirement[] = [
    { id: "ORDER", text: "What is delivered is what the order lists, in its numbers.", verification: "inspection" },
    { id: "FIGURES", text: "Nodes and links have the figures listed.", verification: "inspection" },
  ];
  return {
    format: specificationFormat,
    version: specificationVersion,
    name: scenario.name,
    kind: design.kind,
    provenance: { version, seed: scenario.seed ?? 0 },
    requirements: [...inspections, ...tests.drafts.map(({ requirement }) => requirement)],
    order,
    figures,
    ...(owning === undefined ? {} : { costs: costLines(owning) }),
    tests: tests.drafts.flatMap((draft) => draft.tests),
    notCovered: [...new Set([...notCovered, ...(owning === undefined ? [] : notCosted(owning)), ...tests.notCovered])],
    assumptions: [...(prediction?.assumptions ?? []), ...(owning?.taken ?? [])],
  };
}

/** The prediction of the work; none of kinds whose machines alone are tested. */
function worked(design: Design): Prediction | undefined {
  if (design.kind !== "training" && design.kind !== "serving") return undefined;
  const prediction = predictDesign(design);
  if (prediction.feasible) return prediction;
  const lacking = prediction.binding?.resource ?? "memory";
  throw new ProblemError([
    {
      path: "layout",
      message: `the design does not fit (${lacking}): there is nothing to accept it by`,
      hint: "windtunnel predict says what is missing",
    },
  ]);
}

function workTests(design: Design, prediction: Prediction | undefined): Drafts {
  if (prediction === undefined)
    return { drafts: [], notCovered: [`the work itself: ${design.kind} has no test of its own`] };
  if (design.kind === "training") return joined([trainingTests(design, prediction), storageTests(design)]);
  return design.kind === "serving" ? servingTests(design, prediction) : { drafts: [], notCovered: [] };
}
