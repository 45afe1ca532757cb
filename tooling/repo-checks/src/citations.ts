import { readPage } from "./page.ts";
import type { Page } from "./page.ts";

/** A page and the sections or rows of it that a text names: `docs/behavior/api.md 9.2, row A1`. */
export interface Citation {
  /** Relative to the repository root. */
  readonly page: string;
  /** `9.2`, `1.5-1.8`, `row A1`; empty when the page is named as a whole. */
  readonly references: readonly string[];
}

const REFERENCE = String.raw`row [A-Z]{0,2}\d+[a-z]?(?:-\d+)?\b|\d+(?:\.\d+)*(?:-\d+(?:\.\d+)*)?`;
const CITATION = new RegExp(
  String.raw`\b(docs/[\w./-]+\.md)(?: ((?:${REFERENCE})(?:(?:,| and) (?:${REFERENCE}))*))?`,
  "g",
);

/** Comments wrap citations; a line of a block comment starts with a star, of another one with slashes. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n\s*(?:\*(?!\/)|\/\/)? ?/g, " ");
}

export function citationsIn(text: string): Citation[] {
  return [...unwrapped(text).matchAll(CITATION)].map(([, page = "", references = ""]) => ({
    page,
    references: references.split(/, | and /).filter((reference) => reference !== ""),
  }));
}

/** Ways in which texts named pages that were never part of the repository. */
const DANGLING: readonly RegExp[] = [
  /\bspec\/[\w.-]+\.md/g,
  /\b(?:api|core|core-tools|model-provider|protocol|rollout-trace) spec\b/g,
  /(?<![\w/-])(?:api|core|core-tools|model-provider|protocol|rollout-trace)\.md,? (?:sections? )?\d/g,
  /\bspec,? (?:sections? )?\d/g,
  /Source: sections? \d/g,
  /\bsections? \d+(?:\.\d+)* of the spec\b/g,
  /\bseed [01]\b/g,
];

/** Names of sections that lead nowhere because they name no page of the repository. */
export function danglingIn(text: string): string[] {
  const flat = unwrapped(text);
  return DANGLING.flatMap((pattern) => [...flat.matchAll(pattern)].map(([match]) => match));
}

/** Finds what citations lead to. Pages are read once. */
export class CitationChecker {
  readonly #readFile: (path: string) => string | undefined;
  readonly #pages = new Map<string, Page | undefined>();

  /** `readFile` returns the text of a file of the repository, `undefined` when there is none. */
  constructor(readFile: (path: string) => string | undefined) {
    this.#readFile = readFile;
  }

  /** Why a citation leads nowhere, one line each. */
  problemsOf({ page: path, references }: Citation): string[] {
    const page = this.#page(path);
    if (page === undefined) return [`${path} does not exist`];
    return references
      .flatMap((reference) => problemOf(page, reference) ?? [])
      .map((problem) => `${path} ${problem}`);
  }

  #page(path: string): Page | undefined {
    if (!this.#pages.has(path)) {
      const text = this.#readFile(path);
      this.#pages.set(path, text === undefined ? undefined : readPage(text));
    }
    return this.#pages.get(path);
  }
}

function problemOf(page: Page, reference: string): string | undefined {
  if (reference.startsWith("row ")) {
    const label = reference.slice("row ".length);
    const count = page.rows.filter((row) => row === label).length;
    return count === 1 ? undefined : `has ${count} rows ${label}`;
  }
  const missing = reference.split("-").find((section) => !page.sections.has(section));
  return missing === undefined ? undefined : `has no section ${missing}`;
}

/** Why a requirement's source proves nothing, one line each. */
export function sourceProblems(source: string, checker: CitationChecker): string[] {
  const citations = citationsIn(source);
  if (citations.length === 0) return ["names no page of the repository"];
  return [
    ...citations.flatMap((citation) => {
      const needsSection = /^docs\/(?:behavior\/|rules\.md)/.test(citation.page);
      return needsSection && citation.references.length === 0
        ? [`${citation.page} is named without a section`]
        : checker.problemsOf(citation);
    }),
    ...danglingIn(source).map((name) => `\`${name}\` leads nowhere`),
    ...[...source.matchAll(/\bissue \d+/g)].map(([name]) => `\`${name}\` is not in the repository`),
  ];
}
