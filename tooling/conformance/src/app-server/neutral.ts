import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";

type Replacement = readonly [pattern: RegExp, word: string];

/** What is put in the place of something. */
interface Rules {
  readonly texts: readonly Replacement[];
  /** Members by name, whatever they hold. */
  readonly members: readonly Replacement[];
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Of each run. */
const OF_A_RUN: Rules = {
  members: [[/(?:At|AtMs|durationMs|Cursor)$/, "<time>"]],
  texts: [
    [/\d{4}[-/]\d{2}[-/]\d{2}(?:T[\d.:Z-]*)?/g, "<date>"],
    [/\/[\w./-]*codex-ts-app-server-\w+/g, "<work>"],
  ],
};

/** Of the machine a run is made on. */
const OF_A_MACHINE: Rules = {
  members: [[/^(?:platformFamily|platformOs|serverName)$/, "<machine>"]],
  texts: [[/(?<=^[\w-]+\/[\d.]+ )\([^()]*\) \S+(?= \()/g, "<machine>"]],
};

/** Ids of both kinds, see `keepable`. */
const IDS: readonly Replacement[] = [
  [UUID, "<id>"],
  [/<id \d+>/g, "<id>"],
];

/** Each program's own words: the task of a reviewer, headings of its findings, what is said where it has none. */
const OWN_WORDS: readonly Replacement[] = [
  [/^Review (?:the|what) [^]*$/g, "<task of a reviewer>"],
  [/(?<=^|\n\n)(?:Full review comments|Review comment|Findings|Finding):(?=\n\n- )/g, "<findings>"],
  [
    /^(?:Reviewer failed to output a response|The reviewer ended without a result)\.$/g,
    "<no result>",
  ],
  [/^(?:Review was interrupted|The review was stopped)[^\n]*$/g, "<the review was stopped>"],
];

const NEUTRAL: Rules = {
  members: OF_A_RUN.members,
  texts: [...IDS, ...OF_A_RUN.texts, ...OWN_WORDS],
};
const KEEPABLE: Rules = {
  members: [...OF_A_RUN.members, ...OF_A_MACHINE.members],
  texts: [...OF_A_RUN.texts, ...OF_A_MACHINE.texts, ...OWN_WORDS],
};

/** Without ids, times, paths, and words of the program. */
export function neutral(value: JsonValue): JsonValue {
  return replaced(value, NEUTRAL);
}

/**
 * The same in every recording on every machine: without times, paths and words of the program, and with ids by their number, in
 * order of appearance, so that threads can be told apart.
 */
export function keepable(value: JsonValue): JsonValue {
  const numbers = new Map<string, number>();
  const text = JSON.stringify(value).replaceAll(UUID, (id) => {
    const number = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, number);
    return `<id ${number}>`;
  });
  return replaced(JSON.parse(text) as JsonValue, KEEPABLE);
}

function replaced(value: JsonValue, rules: Rules, name = ""): JsonValue {
  if (Array.isArray(value)) return value.map((part) => replaced(part, rules));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        replaceAll(key, rules),
        replaced(member ?? null, rules, key),
      ]),
    );
  }
  const word = rules.members.find(([pattern]) => pattern.test(name))?.[1];
  if (value !== null && word !== undefined) return word;
  return typeof value === "string" ? replaceAll(value, rules) : value;
}

function replaceAll(value: string, { texts }: Rules): string {
  return texts.reduce((text, [pattern, word]) => text.replaceAll(pattern, word), value);
}
