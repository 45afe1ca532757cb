import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The members of a package manifest that tools look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A package that is published. */
export interface Package {
  /** Relative to the root of the repository. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** The root of this repository. */
export const REPOSITORY: string = resolve(import.meta.dirname, "../../..");

/** The package that is published as one bundle, with what it uses inside. */
export const BUNDLE = "@codex-ts/cli";

/** Every package that is published, each after those it depends on. */
export function readPackages(root: string): readonly Package[] {
  const all = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group)).map((name): Package => {
      const directory = join(group, name);
      const text = readFileSync(join(root, directory, "package.json"), "utf8");
      return { directory, manifest: JSON.parse(text) as Manifest };
    }),
  );
  return inDependencyOrder(all.filter(({ manifest }) => manifest.private !== true));
}

function inDependencyOrder(packages: readonly Package[]): readonly Package[] {
  const byName = new Map(packages.map((entry) => [entry.manifest.name, entry]));
  const ordered = new Set<Package>();
  const visit = (entry: Package): void => {
    if (ordered.has(entry)) return;
    for (const name of usedBy(entry.manifest)) {
      const used = byName.get(name);
      if (used !== undefined && used !== entry) visit(used);
    }
    ordered.add(entry);
  };
  for (const entry of packages) visit(entry);
  return [...ordered];
}

function usedBy({ name, dependencies = {}, devDependencies = {} }: Manifest): readonly string[] {
  // What a bundle is made of is a development dependency of it.
  return Object.keys(name === BUNDLE ? { ...dependencies, ...devDependencies } : dependencies);
}

/** Names of the published packages that the bundle holds: those it uses, and those that these use. */
export function bundledNames(packages: readonly Package[]): readonly string[] {
  const used = new Set([BUNDLE]);
  for (const { manifest } of packages.toReversed()) {
    if (used.has(manifest.name)) for (const name of usedBy(manifest)) used.add(name);
  }
  return packages
    .map(({ manifest }) => manifest.name)
    .filter((name) => name !== BUNDLE && used.has(name));
}
