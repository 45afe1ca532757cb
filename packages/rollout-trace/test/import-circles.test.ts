import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(import.meta.dirname, "..", "src");

/** The files of this package that each one imports, for types or values. */
function importsByFile(): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(SOURCES, file), "utf8");
      const specifiers = text.matchAll(/\bfrom "(\.[^"]+)"/g);
      const imported = [...specifiers].map(([, specifier = ""]) =>
        relative(SOURCES, resolve(SOURCES, dirname(file), specifier)),
      );
      return [file, imported];
    }),
  );
}

/** A path of imports that leads from a file back to it. */
function findCircle(
  imports: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

test("no file imports itself over others, not even for types", () => {
  const imports = importsByFile();
  expect(imports.size).toBeGreaterThan(100);
  expect([...imports.values()].flat().every((file) => imports.has(file))).toBe(true);
  expect(findCircle(imports)).toBeUndefined();
});

test("a circle would be found", () => {
  const imports = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["b"]],
  ]);
  expect(findCircle(imports)).toEqual(["b", "d", "b"]);
});
