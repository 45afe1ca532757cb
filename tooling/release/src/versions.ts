import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUNDLE, bundledNames, readPackages } from "./packages.ts";
import { run } from "./run.ts";

interface ReleasePlan {
  readonly changesets: readonly unknown[];
  readonly releases: readonly {
    readonly name: string;
    readonly type: "major" | "minor" | "patch" | "none";
    readonly newVersion: string;
  }[];
}

/** True when changesets wait to become versions. */
export function hasChangesets(root: string): boolean {
  return readPlan(root).changesets.length > 0;
}

/**
 * Turns the changesets into versions and changelogs. The command line is published as a bundle, which changesets know
 * nothing of: it gets a patch whenever a package it holds gets a version and no changeset names it.
 */
export function applyVersions(root: string): void {
  const { releases } = readPlan(root);
  const released = new Map(
    releases.filter(({ type }) => type !== "none").map((entry) => [entry.name, entry.newVersion]),
  );
  const bundled = bundledNames(readPackages(root)).filter((name) => released.has(name));
  if (bundled.length > 0 && !released.has(BUNDLE)) {
    const list = bundled.map((name) => `\`${name}\` ${released.get(name)}`).join(", ");
    writeFileSync(
      join(root, ".changeset", "bundled-packages.md"),
      `---\n"${BUNDLE}": patch\n---\n\nHolds ${list}.\n`,
    );
  }
  const before = versions(root);
  run(binary(root, "changeset"), ["version"], root);
  run(binary(root, "oxfmt"), ["--write", "packages", "apps"], root);
  requireBundleVersion(before, versions(root), bundledNames(readPackages(root)));
}

/** Throws when a package of the bundle has a new version and the bundle has not. */
export function requireBundleVersion(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  bundled: readonly string[],
): void {
  const isNew = (name: string): boolean => before.get(name) !== after.get(name);
  const changed = bundled.filter(isNew);
  if (changed.length === 0 || isNew(BUNDLE)) return;
  throw new Error(
    `${changed.join(", ")} got a new version and ${BUNDLE}, which holds it, did not: name ${BUNDLE} in a changeset`,
  );
}

function versions(root: string): ReadonlyMap<string, string> {
  return new Map(readPackages(root).map(({ manifest }) => [manifest.name, manifest.version]));
}

function readPlan(root: string): ReleasePlan {
  const directory = mkdtempSync(join(tmpdir(), "codex-ts-plan-"));
  try {
    const file = join(directory, "plan.json");
    run(binary(root, "changeset"), ["status", `--output=${file}`], root);
    return JSON.parse(readFileSync(file, "utf8")) as ReleasePlan;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function binary(root: string, name: string): string {
  return join(root, "node_modules", ".bin", name);
}
