import { defineProject } from "vitest/config";

export default defineProject({
  ssr: { resolve: { conditions: ["@codex-ts/source"] } },
  test: {
    name: "@codex-ts/release",
    include: ["test/**/*.test.ts"],
    environment: "node",
    testTimeout: 20_000,
    isolate: false,
    maxWorkers: "100%",
  },
});
