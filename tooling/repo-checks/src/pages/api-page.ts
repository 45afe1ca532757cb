import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { declarationsOf, entries, exportsOf } from "../public-exports.ts";
import type { ExportPlace } from "../public-exports.ts";

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\bfunction\*?\s/, "function"],
  [/\bclass\s/, "class"],
  [/\bconst\s/, "value"],
  [/\b(?:interface|type)\s/, "type"],
];

/** The reference of one package: what each of its entries exports, with docstrings, and the members of options. */
export function apiPage(root: string, directory: string): string {
  const name = `@codex-ts/${basename(directory)}`;
  const sections = entries(root, directory)
    .filter(({ subpath }) => subpath !== "./internal")
    .map(({ subpath, source }) => {
      const title = subpath === "." ? name : `${name}${subpath.slice(1)}`;
      return `## \`${title}\`\n\n${exportList(root, source)}`;
    });
  return [
    `# Exports of ${name}`,
    `Made from the docstrings by \`pnpm pages\`. [What the package is for](../../../${directory}/README.md).`,
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function exportList(root: string, source: string): string {
  return [...exportsOf(root, source)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, place]) => entryOf(root, name, place))
    .join("\n");
}

function entryOf(
  root: string,
  name: string,
  { path, declared, package: from }: ExportPlace,
): string[] {
  if (from !== undefined) {
    const page = `${from.replace("@codex-ts/", "")}.md`;
    return [`- \`${name}\`: from [\`${from}\`](${page})`];
  }
  const text = readFileSync(join(root, path), "utf8");
  const found = declarationOf(text, declared);
  const entry = `- \`${name}\` (${found.kind}): ${found.docstring}`;
  const isOptions = /(?:Options|Definition)$/.test(name);
  return [entry, ...(isOptions ? membersOf(text.slice(found.end)) : [])];
}

function declarationOf(text: string, name: string) {
  for (const match of declarationsOf(text, name)) {
    const docstring = docstringBefore(text, match.index);
    if (docstring === undefined) continue;
    const kind = KINDS.find(([pattern]) => pattern.test(match[0]))?.[1] ?? "type";
    return { kind, docstring, end: match.index + match[0].length };
  }
  return { kind: "type", docstring: "", end: text.length };
}

/** Members of the interface whose name ends where the text begins. */
function membersOf(text: string): string[] {
  const body = text.slice(text.indexOf("{") + 1, text.search(/^\}/m));
  return [...body.matchAll(/^ {2}readonly (\w+)(\??)(?::|\()/gm)].map((match) => {
    const docstring = docstringBefore(body, match.index);
    const need = match[2] === "?" ? "" : " (required)";
    return `  - \`${match[1]}\`${need}${docstring === undefined ? "" : `: ${docstring}`}`;
  });
}

/** The docstring that ends before an offset, on one line; links are names in code. */
function docstringBefore(text: string, offset: number): string | undefined {
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, offset));
  return comment?.[1]
    ?.replaceAll(/^\s*\* ?/gm, "")
    .trim()
    .replaceAll(/\{@link ([^}]*)\}/g, "`$1`")
    .replaceAll(/\s*Source: (?:docs|section)[^\n]*(?:\n[^\n]+)*/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
