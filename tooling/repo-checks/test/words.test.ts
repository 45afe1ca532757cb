import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { textFiles } from "../src/files.ts";
import { sourceParts } from "../src/source-text.ts";
import { wordProblemsOfPage, wordProblemsOfSource } from "../src/words.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("words", () => {
  test.each(["packages", "apps"])(
    "docstrings, help texts and errors of %s use the field's",
    (group) => {
      const sources = [...textFiles(root, group, ".ts"), ...textFiles(root, group, ".tsx")].filter(
        ({ path }) => /\/src\//.test(path),
      );
      expect(sources).not.toEqual([]);
      expect(sources.flatMap((source) => wordProblemsOfSource(source))).toEqual([]);
    },
  );

  test("pages use the field's", () => {
    const pages = [...textFiles(root, ".", ".md"), ...textFiles(root, ".", "llms.txt")];
    expect(pages.flatMap(wordProblemsOfPage)).toEqual([]);
  });

  test("so do programs that pages show", () => {
    const programs = ["examples", "packages", "apps"]
      .flatMap((directory) => textFiles(root, directory, ".ts"))
      .filter(({ path }) => /(?:^|\/)examples\/[\w-]+\.ts$/.test(path));
    expect(programs.length).toBeGreaterThan(20);
    expect(programs.flatMap((program) => wordProblemsOfSource(program, { isShown: true }))).toEqual(
      [],
    );
  });

  test("finds avoided words in docstrings and sentences, not in code", () => {
    const text = [
      "/** What an answer gives. */",
      "const answer = /`answer`/; // an answer",
      'const a = "answer";',
      'throw new Error("no answer in time");',
      "const b = `the folder ${c({ d: `${e} tells` })} of sub-agents`;",
      "/** The final answer, and `answer`. */",
    ].join("\n");
    expect(
      wordProblemsOfSource({ path: "b.ts", text: "f(); // no answer" }, { isShown: true }),
    ).toEqual(['b.ts:1: "answer": write response, responds']);
    expect(wordProblemsOfSource({ path: "a.ts", text })).toEqual([
      'a.ts:1: a docstring does not start with "What"',
      'a.ts:1: "answer": write response, responds',
      'a.ts:1: "gives": write returns, emits, receives, is notified',
      'a.ts:4: "answer": write response, responds',
      'a.ts:5: "folder": write directory',
      'a.ts:5: "sub-agents": write subagent',
    ]);
    const page = "# Behaviour\n\n```\nfolder\n```\n\n`folder` of whoever\n";
    expect(wordProblemsOfPage({ path: "a.md", text: page })).toEqual([
      'a.md:1: "Behaviour": write the American spelling',
      'a.md:7: "whoever": write the thing itself',
    ]);
  });

  test("takes a source apart into comments and strings", () => {
    const source =
      "a(/[/\"']+/g, b / 2, 'x\\'y'); /* c */ d(`1${e ? `2` : {}.f}3`); // g\n/** h\n * i */";
    expect(sourceParts(source).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "string: x\\'y",
      "comment: c",
      "string: 1",
      "string: 2",
      "string: 3",
      "comment: g",
      "docstring: h\ni",
    ]);
  });
});
