/** `query`: SQL over the rows of a study, through DuckDB where it is installed. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import type { SqlTable } from "./host.ts";
import { field, type Operation } from "./operation.ts";
import { pathIn } from "./sweep/folder.ts";

export interface QueryInput {
  readonly folder: string;
  readonly sql: string;
}

export const queryOperation: Operation<QueryInput, SqlTable> = {
  name: "query",
  summary:
    "Ask a study's results in SQL; the table is called points. Needs DuckDB (npm install --no-save @duckdb/node-api).",
  input: z.object({
    folder: field(z.string().min(1), { description: "folder of the results of a sweep", as: "argument" }),
    sql: field(z.string().min(1), { description: "statement over the table points, in quotes", as: "argument" }),
  }),
  examples: [
    { command: 'windtunnel query study.results "SUMMARIZE points"', does: "columns, ranges, gaps" },
    {
      command: `windtunnel query study.results 'SELECT "layout.tensor", min(stepTime) FROM points WHERE meets GROUP BY 1'`,
      does: "fields with dots are in double quotes",
    },
  ],
  document: ({ columns, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
  async run({ folder, sql }, host) {
    const names = (await host.list(folder)).map((path) => path.slice(path.lastIndexOf("/") + 1));
    if (!names.includes("results.parquet")) {
      const begun = names.includes("study.json");
      const message = begun ? `the study in "${folder}" has not ended` : `"${folder}" holds no results of a study`;
      const hint = begun
        ? "run the same windtunnel sweep again; it goes on where it stopped"
        : "windtunnel sweep STUDY -o DIR makes them";
      throw new ProblemError([{ path: "", message, hint }]);
    }
    return host.sql(pathIn(folder, "results.parquet"), sql);
  },
};
