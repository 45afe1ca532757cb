import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What each package may import of ours at run time. A new arrow here is an architecture decision. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  api: ["protocol"],
  "model-provider": ["protocol", "api"],
  "rollout-trace": ["protocol"],
  "responses-server": ["protocol"],
  "trace-viewer": ["rollout-trace"],
  "apply-patch": [],
  core: ["protocol", "api", "apply-patch", "model-provider", "rollout-trace"],
  "app-server": ["protocol", "core"],
};

function dependenciesOf(folder: string): { runtime: string[]; development: string[] } {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<
    string,
    Record<string, string> | undefined
  >;
  const ours = (group: Record<string, string> | undefined) =>
    Object.keys(group ?? {})
      .filter((name) => name.startsWith("@codex-ts/"))
      .map((name) => name.slice("@codex-ts/".length));
  return {
    runtime: ours(manifest["dependencies"]),
    development: ours(manifest["devDependencies"]),
  };
}

describe("layering", () => {
  test("every published package is in the table", () => {
    expect(readdirSync(join(root, "packages")).toSorted()).toEqual(Object.keys(ALLOWED).toSorted());
  });

  test.each(Object.entries(ALLOWED))("%s depends only on what is below it", (name, allowed) => {
    const { runtime } = dependenciesOf(join("packages", name));
    expect(runtime.filter((dependency) => !allowed.includes(dependency))).toEqual([]);
  });

  test("the server that tests start depends on no package that is tested with it", () => {
    const { development } = dependenciesOf("packages/responses-server");
    expect(development.filter((name) => name !== "test-support")).toEqual([]);
  });
});
