import { defineProject } from "vitest/config";

export default defineProject({
  ssr: { resolve: { conditions: ["@codex-ts/source"] } },
  test: {
    name: "@codex-ts/trace-viewer",
    include: ["test/**/*.test.ts"],
    environment: "node",
    isolate: false,
    maxWorkers: "100%",
  },
});
