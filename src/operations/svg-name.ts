import { ProblemError } from "../base/problem.ts";

/** A name for a drawing. @throws ProblemError unless it ends in .svg. */
export function svgName(output: string): string {
  if (output.endsWith(".svg")) return output;
  const message = `found "${output}", expected a name that ends in .svg`;
  throw new ProblemError([{ path: "--output", message, hint: "charts are drawn as SVG; any browser shows it" }]);
}
