import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";
import { textFiles } from "../src/files.ts";
import { sourceParts } from "../src/source-text.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What the programs print, with `…` for what is inserted into a text. */
const printed = ["packages", "apps"]
  .flatMap((directory) => textFiles(root, directory, ".ts"))
  .filter(({ path }) => /\/src\//.test(path))
  .map(({ text }) =>
    sourceParts(text)
      .filter(({ kind }) => kind === "string")
      .map((part) => part.text.replaceAll(/\\(["'`])/g, "$1"))
      .join("\n"),
  )
  .join("\n");

const [ours = ""] = readFileSync(join(root, "docs/troubleshooting.md"), "utf8").split(
  "\n## Texts of Node\n",
);
const texts = [...ours.matchAll(/^### (.*)$/gm)].flatMap((heading) =>
  [...(heading[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
);

test("there are entries", () => {
  expect(texts.length).toBeGreaterThan(15);
});

test.each(texts)("%s is a text of the programs", (text) => {
  const pieces = text.split("…").map((piece) => piece.replace(/ ?(?:401|429) ?$/, "").trim());
  for (const piece of pieces.filter((each) => /\w/.test(each))) expect(printed).toContain(piece);
});
