import { defineConfig } from "vitest/config";

// Each project says `maxWorkers: "100%"` itself, because it has no effect here: the default leaves one processor free,
// which is half of a small machine.
export default defineConfig({
  test: { projects: ["packages/*", "apps/*", "tooling/*/vitest.config.ts"] },
});
