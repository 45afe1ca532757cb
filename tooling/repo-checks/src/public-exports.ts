import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

interface Manifest {
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** An entry of a package that others can import. */
export interface PackageEntry {
  /** `.` or `./reducer`. */
  readonly subpath: string;
  /** Relative to the root. */
  readonly source: string;
}

export function entries(root: string, directory: string): PackageEntry[] {
  const manifest = JSON.parse(
    readFileSync(join(root, directory, "package.json"), "utf8"),
  ) as Manifest;
  if (manifest.private === true) return [];
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, entry]) => {
    const source = typeof entry === "string" ? undefined : entry["@codex-ts/source"];
    return source === undefined ? [] : [{ subpath, source: posix.join(directory, source) }];
  });
}

const REEXPORT = /export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)"/g;
const STAR = /export\s+(?:type\s+)?\*\s+(?:as\s+\w+\s+)?from\s+"([^"]+)"/g;
const LOCAL =
  /^export\s+(?:declare\s+|default\s+)?(?:abstract\s+)?(?:async\s+)?(?:const\s+enum|class|const|enum|function\*?|interface|let|namespace|type)\s+([A-Za-z_$][\w$]*)/gm;

/** Exports of an entry without a docstring, as `name (file)`. What comes from another package is that one's to describe. */
export function undocumentedExports(root: string, entry: string): string[] {
  return [...exportsOf(root, entry)].flatMap(([name, { path, declared, package: from }]) =>
    from !== undefined || isDocumented(readFileSync(join(root, path), "utf8"), declared)
      ? []
      : [`${name} (${path})`],
  );
}

/** Where an export comes from. */
export interface ExportPlace {
  readonly path: string;
  /** Its name where it is declared. */
  readonly declared: string;
  /** The package it comes from, when that is another one. */
  readonly package?: string;
}

/** Exports of a source by name, through re-exports. */
export function exportsOf(root: string, path: string): Map<string, ExportPlace> {
  const source = readFileSync(join(root, path), "utf8");
  const found = new Map<string, ExportPlace>();
  for (const [, names = "", from = ""] of source.matchAll(REEXPORT)) {
    const target = resolve(root, path, from);
    const theirs = target === undefined ? undefined : exportsOf(root, target);
    for (const name of names.split(",").map((each) => each.trim().replace(/^type\s+/, ""))) {
      if (name === "") continue;
      const [original = name, alias = original] = name.split(/\s+as\s+/);
      found.set(
        alias,
        target === undefined
          ? { path, declared: original, package: from }
          : (theirs?.get(original) ?? { path: target, declared: original }),
      );
    }
  }
  for (const [, from = ""] of source.matchAll(STAR)) {
    const target = resolve(root, path, from);
    if (target !== undefined) for (const each of exportsOf(root, target)) found.set(...each);
  }
  for (const [, name = ""] of source.matchAll(LOCAL)) found.set(name, { path, declared: name });
  return found;
}

function resolve(root: string, path: string, from: string): string | undefined {
  if (!from.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(path), from);
  return existsSync(join(root, target)) ? target : undefined;
}

/** The declarations of a name at the top level of a source, each up to its name; overloads are several. */
export function declarationsOf(source: string, name: string): readonly RegExpExecArray[] {
  const declaration = new RegExp(
    String.raw`^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:class|const|enum|function\*?|interface|let|type)\s+${name.replaceAll("$", String.raw`\$`)}\b`,
    "gm",
  );
  return [...source.matchAll(declaration)];
}

/** A docstring stands right before the declaration, or before the first of overloads. */
function isDocumented(source: string, name: string): boolean {
  return declarationsOf(source, name).some((match) =>
    /\*\/\s*$/.test(source.slice(0, match.index)),
  );
}
