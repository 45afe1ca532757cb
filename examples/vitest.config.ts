import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "@codex-ts/examples",
    include: ["test/**/*.test.ts"],
    environment: "node",
    isolate: false,
    maxWorkers: "100%",
  },
});
