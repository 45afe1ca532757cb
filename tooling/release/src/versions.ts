import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLE, bundledNames, readPackages } from "./packages.ts";
import { run } from "./run.ts";

/** True when changesets wait to become versions. */
export function hasChangesets(root: string): boolean {
  return globSync("*.md", { cwd: join(root, ".changeset") }).length > 0;
}

/**
 * Turns the changesets into versions and changelogs. The command line is published as a bundle, which changesets know
 * nothing of: it gets a patch whenever a package it holds gets a version and no changeset names it.
 */
export function applyVersions(root: string): void {
  const before = versions(root);
  const bundled = bundledNames(readPackages(root));
  run(binary(root, "changeset"), ["version"], root);
  const after = versions(root);
  const changed = changedOf(bundled, before, after);
  if (changed.length > 0 && changedOf([BUNDLE], before, after).length === 0) {
    const list = changed.map((name) => `\`${name}\` ${after.get(name)}`).join(", ");
    writeFileSync(
      join(root, ".changeset", "bundled-packages.md"),
      `---\n"${BUNDLE}": patch\n---\n\nHolds ${list}.\n`,
    );
    run(binary(root, "changeset"), ["version"], root);
  }
  run(binary(root, "oxfmt"), ["--write", "packages", "apps"], root);
  requireBundleVersion(before, versions(root), bundled);
}

/** Throws when a package of the bundle has a new version and the bundle has not. */
export function requireBundleVersion(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  bundled: readonly string[],
): void {
  const changed = changedOf(bundled, before, after);
  if (changed.length === 0 || changedOf([BUNDLE], before, after).length > 0) return;
  throw new Error(
    `${changed.join(", ")} got a new version and ${BUNDLE}, which holds it, did not: name ${BUNDLE} in a changeset`,
  );
}

function changedOf(
  names: readonly string[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return names.filter((name) => before.get(name) !== after.get(name));
}

function versions(root: string): ReadonlyMap<string, string> {
  return new Map(readPackages(root).map(({ manifest }) => [manifest.name, manifest.version]));
}

function binary(root: string, name: string): string {
  return join(root, "node_modules", ".bin", name);
}
