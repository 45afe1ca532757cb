import { defineProject } from "vitest/config";

export default defineProject({
  ssr: { resolve: { conditions: ["@codex-ts/source"] } },
  // Most of the time of these tests would be loading all packages anew for each file; none of them keeps state.
  test: {
    name: "@codex-ts/conformance",
    include: ["test/**/*.test.ts"],
    environment: "node",
    isolate: false,
    maxWorkers: "100%",
    // As in the suite: how slow a busy machine is proves nothing.
    testTimeout: 20_000,
  },
});
