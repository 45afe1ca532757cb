/** The effect of a rule on commands that begin with its words. */
export type RuleDecision = "allow" | "prompt" | "forbidden";

/** One rule of a rules file. */
export interface PrefixRule {
  /** The first words of a command; a list stands for any of its words. */
  readonly pattern: readonly (string | readonly string[])[];
  readonly decision: RuleDecision;
  /** Why, for the user, and for the model where the rule forbids. */
  readonly justification?: string;
}

/** A rule that a command begins with. */
export interface RuleMatch {
  readonly decision: RuleDecision;
  /** The words of the command that the rule names. */
  readonly matchedPrefix: readonly string[];
  readonly justification?: string;
  /** The path of the program, where the rule names the program without one. */
  readonly resolvedProgram?: string;
}

/** The match of a rule; `undefined`: the command does not begin with its words. */
export function matchRule(rule: PrefixRule, command: readonly string[]): RuleMatch | undefined {
  const { pattern, decision, justification } = rule;
  if (command.length < pattern.length) return undefined;
  const matches = pattern.every((wanted, index) => {
    const word = command[index] ?? "";
    return typeof wanted === "string" ? wanted === word : wanted.includes(word);
  });
  if (!matches) return undefined;
  const matchedPrefix = command.slice(0, pattern.length);
  return { decision, matchedPrefix, ...(justification !== undefined && { justification }) };
}

const STRICTNESS: readonly RuleDecision[] = ["allow", "prompt", "forbidden"];

/** The strictest of some decisions; `undefined` for none. */
export function strictest(decisions: readonly RuleDecision[]): RuleDecision | undefined {
  return decisions.toSorted((one, other) => STRICTNESS.indexOf(other) - STRICTNESS.indexOf(one))[0];
}
