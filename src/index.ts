/** Windtunnel as a library: synchronous and pure, in Node and in a browser. */

export { type Location, type Problem, ProblemError } from "./base/problem.ts";
export type { Term } from "./base/term.ts";
export {
  type Assumption,
  type Basis,
  type Binding,
  type CollectiveDesign,
  type Design,
  type Files,
  type Fit,
  jsonSchema,
  type ParseOptions,
  type Point,
  type Prediction,
  type Prices,
  parseScenario,
  predict,
  predictDesign,
  requiredFiles,
  resolve,
  type Scenario,
  type SupportRow,
  scenarioFromValue,
  supportMatrix,
  type TrafficDesign,
  type TrainingDesign,
  version,
  type WorkloadKind,
} from "./scenario/index.ts";
