/** Specifications: what to order and how to accept it, written from a scenario and judged by logs. */

export {
  judgeSpecification,
  type LimitResult,
  type SpecificationVerdict,
  type TestResult,
  type TestVerdict,
} from "./judge.ts";
export { readLogFor } from "./log/read.ts";
export { quantityText, specificationMarkdown } from "./markdown.ts";
export { isSpecification, readSpecification, type Specification } from "./specification.ts";
export { specificationOf } from "./write.ts";
