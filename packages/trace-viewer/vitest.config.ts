import { defineProject } from "vitest/config";

export default defineProject({
  ssr: { resolve: { conditions: ["@codex-ts/source"] } },
  test: {
    name: "@codex-ts/trace-viewer",
    include: ["test/**/*.test.ts"],
    environment: "node",
    isolate: false,
    // A browser starts in a second, on a busy machine in many.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: "100%",
  },
});
