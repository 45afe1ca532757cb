import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The suite. Comparisons with recordings (`tooling/conformance`) have a script of their own. */
const SUITE = [
  "packages/*/test/**/*.test.ts",
  "apps/*/test/**/*.test.ts",
  "examples/test/*.test.ts",
  "tooling/{release,repo-checks}/test/**/*.test.ts",
];

/** `pnpm test:long` and `pnpm test:soak`: the tests that have such a form, in it. */
const filesThatAsk = (name: "isLongForm" | "isSoak"): string[] =>
  globSync(SUITE).filter((file) => readFileSync(file, "utf8").includes(name));

function suite(): readonly string[] {
  const form = process.env["LONG_TESTS"];
  if (form === undefined) return SUITE;
  return filesThatAsk(form === "soak" ? "isSoak" : "isLongForm");
}

/** `--project NAME` asks for a package with its own configuration. */
const isByProject = process.argv.some((argument) => argument.startsWith("--project"));

/**
 * Without that, all packages are one project: every worker loads what they share once for all of them, which saves a
 * sixth of the processor time.
 */
export default defineConfig(
  isByProject
    ? { test: { projects: ["packages/*", "apps/*", "tooling/*/vitest.config.ts", "examples"] } }
    : {
        ssr: { resolve: { conditions: ["@codex-ts/source"] } },
        test: {
          include: [...suite()],
          environment: "node",
          isolate: false,
          // The default leaves one processor free, which is half of a small machine.
          maxWorkers: "100%",
          // How slow a busy machine is proves nothing.
          testTimeout: process.env["LONG_TESTS"] === undefined ? 20_000 : 300_000,
          // A shared machine may stop a process for seconds: there a test has a second try, and the report says that it needed it.
          retry: process.env["CI"] === undefined ? 0 : 1,
          globalSetup: ["apps/cli/test/support/build.ts"],
        },
      },
);
