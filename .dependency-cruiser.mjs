/** Import rules that a graph checks best; levels are checked by test/architecture/levels.test.ts. */
export default {
  forbidden: [
    {
      name: "core-is-host-free",
      comment: "src/ runs in a browser: no module of Node",
      severity: "error",
      from: { path: "^src", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-cycles",
      comment: "a cycle of imports has no order in which to be understood",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-development-packages",
      comment: "what ships may not need what only developers install",
      severity: "error",
      from: { path: "^(src|apps)", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "not-to-tests",
      severity: "error",
      from: { path: "^(src|apps)", pathNot: "\\.test\\.ts$" },
      to: { path: "\\.test\\.ts$|^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.host.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
