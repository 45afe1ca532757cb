import { lineAt } from "./files.ts";
import type { TextFile } from "./files.ts";
import { withoutFences } from "./page.ts";
import { sourceParts } from "./source-text.ts";

/** Words that strangers stumble over, and what to write; the table of `docs/glossary.md`. */
const AVOIDED: readonly { readonly pattern: RegExp; readonly write: string }[] = [
  { pattern: /\banswer(?:s|ed|ing)?\b/gi, write: "response, responds" },
  {
    pattern: /\b(?:gives|tells|hears|(?:is|are|was|were|be|been) told)\b/gi,
    write: "returns, emits, receives, is notified",
  },
  { pattern: /\bfolders?\b/gi, write: "directory" },
  { pattern: /\bthe originals?\b|\breference clients?\b/gi, write: "Codex, with its version" },
  { pattern: /\bsub-agents?\b/gi, write: "subagent" },
  {
    pattern:
      /\b\w*(?:normalis|serialis|summaris|recognis|sanitis|initialis|organis)\w*|\b(?:behaviour|catalogue|colour|favour|honour|neighbour)\w*/gi,
    write: "the American spelling",
  },
  { pattern: /\b(?:whoever|whatever|somebody)\b/gi, write: "the thing itself" },
];
const WHAT_START = /^What\b/g;

/** Phrases in which an avoided word is right. Each with its reason. */
const ALLOWED: readonly { readonly phrase: RegExp; readonly reason: string }[] = [
  { phrase: /\bfinal[ _-]answers?\b/gi, reason: "the model's, a term of the field" },
  { phrase: /\bgives up\b/gi, reason: "an idiom" },
];

/** Files that have to use avoided words. Each with its reason. */
const EXEMPT: ReadonlyMap<string, string> = new Map([
  ["docs/glossary.md", "lists the words"],
  [
    "packages/model-provider/src/models/base-instructions.ts",
    "a prompt; the model is asked to answer",
  ],
]);

/**
 * Avoided words in what people read of a source: docstrings, and texts of more than one word. Of a program that pages show
 * they read the comments, too.
 */
export function wordProblemsOfSource(
  { path, text }: TextFile,
  { isShown = false }: { readonly isShown?: boolean } = {},
): string[] {
  if (EXEMPT.has(path)) return [];
  return sourceParts(text).flatMap((part) => {
    const isRead =
      part.kind === "docstring" ||
      (part.kind === "comment" && isShown) ||
      (part.kind === "string" && /\S \S/.test(part.text));
    if (!isRead) return [];
    const start = part.kind === "docstring" ? [...part.text.matchAll(WHAT_START)] : [];
    const line = lineAt(text, part.offset);
    return [
      ...start.map(() => `${path}:${line}: a docstring does not start with "What"`),
      ...wordProblems(part.text).map(({ problem }) => `${path}:${line}: ${problem}`),
    ];
  });
}

/** Avoided words in a page, without its code. */
export function wordProblemsOfPage({ path, text }: TextFile): string[] {
  if (EXEMPT.has(path)) return [];
  const prose = withoutFences(text);
  return wordProblems(prose).map(
    ({ offset, problem }) => `${path}:${lineAt(prose, offset)}: ${problem}`,
  );
}

function wordProblems(text: string): { readonly offset: number; readonly problem: string }[] {
  let prose = text.replaceAll(/`[^`\n]*`/g, blank);
  for (const { phrase } of ALLOWED) prose = prose.replaceAll(phrase, blank);
  return AVOIDED.flatMap(({ pattern, write }) =>
    [...prose.matchAll(pattern)].map((match) => ({
      offset: match.index,
      problem: `"${match[0]}": write ${write}`,
    })),
  );
}

function blank(text: string): string {
  return " ".repeat(text.length);
}
