import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { entries, undocumentedExports } from "../src/public-exports.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("public exports", () => {
  test.each(readdirSync(join(root, "packages")))("every export of %s has a docstring", (name) => {
    const found = entries(root, `packages/${name}`);
    expect(found).not.toEqual([]);
    const missing = found.flatMap(({ source }) => undocumentedExports(root, source));
    expect([...new Set(missing)]).toEqual([]);
  });

  test("finds what lacks one, through re-exports and under another name", () => {
    const place = mkdtempSync(join(tmpdir(), "exports-"));
    try {
      mkdirSync(join(place, "src"));
      const write = (name: string, text: string) => writeFileSync(join(place, "src", name), text);
      write(
        "index.ts",
        'export { a, type B as C } from "./a.ts";\nexport * from "./d.ts";\nexport const e = 1;\n',
      );
      write(
        "a.ts",
        "/** Yes. */\nexport function a(): void {}\n// No docstring.\nexport interface B {}\n",
      );
      write("d.ts", "/** Yes. */\nexport abstract class D {}\nexport type F = 1;\n");
      expect(undocumentedExports(place, "src/index.ts")).toEqual([
        "C (src/a.ts)",
        "F (src/d.ts)",
        "e (src/index.ts)",
      ]);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
