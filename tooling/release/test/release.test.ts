import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { releaseNotes } from "../src/changelog.ts";
import { bundledNames, readPackages, REPOSITORY } from "../src/packages.ts";
import { applyVersions, hasChangesets, requireBundleVersion } from "../src/versions.ts";

describe("packages", () => {
  const packages = readPackages(REPOSITORY);
  const names = packages.map(({ manifest }) => manifest.name);

  test("come after what they depend on, the command line last", () => {
    expect(names.indexOf("@codex-ts/protocol")).toBe(0);
    expect(names.indexOf("@codex-ts/api")).toBeLessThan(names.indexOf("@codex-ts/core"));
    expect(names.at(-1)).toBe("@codex-ts/cli");
  });

  test("the command line holds all others", () => {
    expect(bundledNames(packages).toSorted()).toEqual(
      names.filter((name) => name !== "@codex-ts/cli").toSorted(),
    );
  });
});

/** Programs are started, each of which takes a second of a machine that has nothing else to do. */
const TIMEOUT_MS = 60_000;

describe("versions", { timeout: TIMEOUT_MS }, () => {
  test("a changeset in protocol alone: dependents follow where their range ends, the bundle always", async () => {
    await using workspace = await copyOfManifests({ "@codex-ts/protocol": "minor" });
    expect(hasChangesets(workspace.path)).toBe(true);
    applyVersions(workspace.path);
    expect(hasChangesets(workspace.path)).toBe(false);
    expect(versionsIn(workspace.path)).toEqual({
      "@codex-ts/protocol": "0.2.0",
      "@codex-ts/api": "0.1.1",
      "@codex-ts/model-provider": "0.1.1",
      "@codex-ts/apply-patch": "0.1.0",
      "@codex-ts/rollout-trace": "0.1.1",
      "@codex-ts/trace-viewer": "0.1.0",
      "@codex-ts/responses-server": "0.1.1",
      "@codex-ts/core": "0.1.1",
      "@codex-ts/app-server": "0.1.1",
      "@codex-ts/cli": "0.1.1",
    });
    const changelog = readFileSync(join(workspace.path, "apps/cli/CHANGELOG.md"), "utf8");
    expect(releaseNotes(changelog, "0.1.1")).toContain("`@codex-ts/protocol` 0.2.0");
  });

  test.runIf(isLongForm)(
    "a patch that every range takes gives a version to its package and the bundle only",
    async () => {
      await using workspace = await copyOfManifests({ "@codex-ts/api": "patch" });
      applyVersions(workspace.path);
      const { "@codex-ts/api": api, "@codex-ts/cli": cli, ...others } = versionsIn(workspace.path);
      expect([api, cli]).toEqual(["0.1.1", "0.1.1"]);
      expect(new Set(Object.values(others))).toEqual(new Set(["0.1.0"]));
    },
  );

  test("a bundle without a version of its own is refused", () => {
    const before = new Map([
      ["@codex-ts/api", "0.1.0"],
      ["@codex-ts/cli", "0.1.0"],
    ]);
    const after = new Map(before).set("@codex-ts/api", "0.1.1");
    expect(() => requireBundleVersion(before, after, ["@codex-ts/api"])).toThrow(
      /^@codex-ts\/api got a new version and @codex-ts\/cli, which holds it, did not/,
    );
    requireBundleVersion(before, after.set("@codex-ts/cli", "0.1.1"), ["@codex-ts/api"]);
  });
});

test("release notes are the part of the changelog about one version", () => {
  const changelog = "# name\n\n## 0.2.0\n\n- new\n\n## 0.1.0\n\n- first\n";
  expect(releaseNotes(changelog, "0.2.0")).toBe("- new");
  expect(releaseNotes(changelog, "0.1.0")).toBe("- first");
  expect(() => releaseNotes(changelog, "0.3.0")).toThrow("the changelog says nothing of 0.3.0");
});

test.each(readPackages(REPOSITORY))(
  "$directory has release notes for its version",
  ({ directory, manifest }) => {
    const changelog = readFileSync(join(REPOSITORY, directory, "CHANGELOG.md"), "utf8");
    expect(releaseNotes(changelog, manifest.version)).not.toBe("");
  },
);

/** The manifests of the workspace at 0.1.0, in a repository of their own, with one changeset. */
async function copyOfManifests(
  releases: Readonly<Record<string, string>>,
): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory();
  const files = ["package.json", "pnpm-workspace.yaml", ".changeset/config.json", ".oxfmtrc.json"];
  for (const file of [
    ...files,
    ...globSync("{packages,apps,tooling}/*/package.json", { cwd: REPOSITORY }),
  ]) {
    const target = join(directory.path, file);
    mkdirSync(dirname(target), { recursive: true });
    if (!/^(?:packages|apps)/.test(file)) copyFileSync(join(REPOSITORY, file), target);
    else {
      const manifest = JSON.parse(readFileSync(join(REPOSITORY, file), "utf8")) as object;
      writeFileSync(target, JSON.stringify({ ...manifest, version: "0.1.0" }));
    }
  }
  const lines = Object.entries(releases).map(([name, type]) => `"${name}": ${type}`);
  writeFileSync(
    join(directory.path, ".changeset/change.md"),
    `---\n${lines.join("\n")}\n---\n\nA change.\n`,
  );
  symlinkSync(join(REPOSITORY, "node_modules"), join(directory.path, "node_modules"));
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd: directory.path,
      stdio: "ignore",
    });
  // No branch has the name of the base branch: versions come from the changesets that are there, not from a comparison.
  git("init", "--quiet", "--initial-branch=release");
  git("add", "--all");
  git("commit", "--quiet", "--message=manifests");
  return directory;
}

function versionsIn(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readPackages(root).map(({ manifest }) => [manifest.name, manifest.version]),
  );
}
