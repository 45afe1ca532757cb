import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "tooling/*/vitest.config.ts"],
    // The default leaves one processor free, which is half of a small machine.
    maxWorkers: "100%",
  },
});
