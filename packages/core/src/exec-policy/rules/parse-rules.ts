import { basename, isAbsolute } from "node:path";
import type { PrefixRule, RuleDecision } from "../prefix-rule.ts";
import { matchRule } from "../prefix-rule.ts";
import type { CallArguments, RulesValue } from "./evaluate.ts";
import { evaluateRules } from "./evaluate.ts";
import type { Place } from "./rules-error.ts";
import { rulesError } from "./rules-error.ts";
import { splitWords } from "./split-words.ts";

/** The contents of a rules file. */
export interface Rules {
  readonly prefixRules: readonly PrefixRule[];
  /** Paths at which rules about a program without a path hold, by its name; any, for names that are missing. */
  readonly hostExecutables: ReadonlyMap<string, readonly string[]>;
}

const DECISIONS: readonly RuleDecision[] = ["allow", "prompt", "forbidden"];
const NETWORK_DECISIONS: readonly string[] = ["allow", "prompt", "deny", "forbidden"];
const PROTOCOLS: readonly string[] = [
  "http",
  "https",
  "https_connect",
  "http-connect",
  "socks5_tcp",
  "socks5_udp",
];

/** Reads the text of a rules file; `path` is for messages. Throws `RulesError`. */
export function parseRules(text: string, path: string): Rules {
  const prefixRules: PrefixRule[] = [];
  const hostExecutables = new Map<string, readonly string[]>();
  evaluateRules(text, path, {
    prefix_rule: (call) => prefixRules.push(readPrefixRule(call)),
    host_executable: (call) => {
      const { name, paths } = readHostExecutable(call);
      hostExecutables.set(name, paths);
    },
    // There is no proxy here that they could be rules for: the sandbox has no network, or all of it.
    network_rule: checkNetworkRule,
  });
  return { prefixRules, hostExecutables };
}

function readPrefixRule(call: CallArguments): PrefixRule {
  const args = namedArguments(call, ["pattern", "decision", "match", "not_match", "justification"]);
  const { place } = call;
  const pattern = readPattern(args.get("pattern"), place);
  const decision = readWord(
    args.has("decision") ? args.get("decision") : "allow",
    "decision",
    DECISIONS,
    place,
  );
  const justification = args.get("justification");
  if (
    justification !== undefined &&
    (typeof justification !== "string" || justification.trim() === "")
  ) {
    throw rulesError(place, "`justification` must be a text that is not empty");
  }
  const rule = { pattern, decision, ...(justification !== undefined && { justification }) };
  for (const example of readExamples(args.get("match"), "match", place)) {
    if (matchRule(rule, example) !== undefined) continue;
    throw rulesError(
      place,
      `the rule does not match ${JSON.stringify(example)}, as \`match\` says`,
    );
  }
  for (const example of readExamples(args.get("not_match"), "not_match", place)) {
    if (matchRule(rule, example) === undefined) continue;
    throw rulesError(
      place,
      `the rule matches ${JSON.stringify(example)}, which is in \`not_match\``,
    );
  }
  return rule;
}

function readPattern(value: RulesValue | undefined, place: Place): PrefixRule["pattern"] {
  if (!Array.isArray(value) || value.length === 0) {
    throw rulesError(place, "`pattern` must be a list of words, and not empty");
  }
  return (value as readonly RulesValue[]).map((token) => {
    if (typeof token === "string") return token;
    if (isWordList(token) && token.length > 0) return token.length === 1 ? (token[0] ?? "") : token;
    throw rulesError(place, "`pattern` has words and lists of words only, none of them empty");
  });
}

function readExamples(
  value: RulesValue | undefined,
  name: string,
  place: Place,
): readonly (readonly string[])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw rulesError(place, `\`${name}\` must be a list of commands`);
  return (value as readonly RulesValue[]).map((example) => {
    const words = typeof example === "string" ? splitWords(example) : example;
    if (words !== undefined && isWordList(words) && words.length > 0) return words;
    throw rulesError(place, `\`${name}\` has commands only: texts, or lists of words, not empty`);
  });
}

function readHostExecutable(call: CallArguments): {
  readonly name: string;
  readonly paths: readonly string[];
} {
  const { place } = call;
  const args = namedArguments(call, ["name", "paths"]);
  const name = args.get("name");
  const paths = args.get("paths");
  if (typeof name !== "string" || name === "" || name !== basename(name)) {
    throw rulesError(place, "`name` must be the name of a program, without a path");
  }
  if (paths === undefined || !isWordList(paths))
    throw rulesError(place, "`paths` must be a list of paths");
  for (const path of paths) {
    if (isAbsolute(path) && basename(path) === name) continue;
    throw rulesError(place, `\`${path}\` is no absolute path of \`${name}\``);
  }
  return { name, paths };
}

function checkNetworkRule(call: CallArguments): void {
  const { place } = call;
  const args = namedArguments(call, ["host", "protocol", "decision", "justification"]);
  const host = args.get("host");
  if (typeof host !== "string" || host.trim() === "" || host.includes("*")) {
    throw rulesError(place, "`host` must be the name of one host");
  }
  readWord(args.get("protocol"), "protocol", PROTOCOLS, place);
  readWord(args.get("decision"), "decision", NETWORK_DECISIONS, place);
}

/** The arguments by name: those without one have the names in their order. */
function namedArguments(
  { place, positional, named }: CallArguments,
  names: readonly string[],
): ReadonlyMap<string, RulesValue> {
  if (positional.length > names.length) throw rulesError(place, "there are too many arguments");
  const all = new Map(positional.map((value, index) => [names[index] ?? "", value]));
  for (const [name, value] of named) {
    if (!names.includes(name)) {
      throw rulesError(place, `\`${name}\` is no argument here; there are ${names.join(", ")}`);
    }
    if (all.has(name)) throw rulesError(place, `\`${name}\` is given twice`);
    all.set(name, value);
  }
  return all;
}

function readWord<Word extends string>(
  value: RulesValue | undefined,
  name: string,
  words: readonly Word[],
  place: Place,
): Word {
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  const given = typeof value === "string" ? `, not \`${value}\`` : "";
  throw rulesError(place, `\`${name}\` must be one of ${words.join(", ")}${given}`);
}

function isWordList(value: RulesValue | readonly string[]): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}
