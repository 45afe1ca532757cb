import { basename, isAbsolute } from "node:path";
import type { PrefixRule, RuleMatch } from "./prefix-rule.ts";
import { matchRule } from "./prefix-rule.ts";
import type { Rules } from "./rules/parse-rules.ts";

/** Rules about commands, those of all files. */
export class ExecPolicy {
  /** By the first word of the command. */
  readonly #rules = new Map<string, PrefixRule[]>();
  readonly #hostExecutables = new Map<string, readonly string[]>();
  readonly #keep: ((prefix: readonly string[]) => Promise<void>) | undefined;

  /** `keep` writes a prefix that is allowed for good where it is found again. */
  constructor(keep?: (prefix: readonly string[]) => Promise<void>) {
    this.#keep = keep;
  }

  /** Adds the rules of a file; later ones do not replace earlier ones, and the strictest that matches counts. */
  add({ prefixRules, hostExecutables }: Rules): void {
    for (const rule of prefixRules) {
      const [first = "", ...rest] = rule.pattern;
      for (const word of typeof first === "string" ? [first] : first) {
        const rules = this.#rules.get(word) ?? [];
        rules.push({ ...rule, pattern: [word, ...rest] });
        this.#rules.set(word, rules);
      }
    }
    for (const [name, paths] of hostExecutables) this.#hostExecutables.set(name, paths);
  }

  /**
   * Allows commands that begin with these words, from now on and, where rules are kept in a file, for good. Rejects when the file
   * cannot be written; the rule holds nevertheless.
   */
  async allow(prefix: readonly string[]): Promise<void> {
    if (prefix.length === 0) return;
    const isNews = this.matches(prefix).every(
      ({ decision, matchedPrefix }) =>
        decision !== "allow" || matchedPrefix.length !== prefix.length,
    );
    if (!isNews) return;
    this.add({ prefixRules: [{ pattern: prefix, decision: "allow" }], hostExecutables: new Map() });
    await this.#keep?.(prefix);
  }

  /** The rules a command begins with; those about the program's name alone only where none names its path. */
  matches(command: readonly string[]): readonly RuleMatch[] {
    const [program = ""] = command;
    const exact = this.#matchesOf(program, command);
    if (exact.length > 0 || !isAbsolute(program)) return exact;
    const name = basename(program);
    const paths = this.#hostExecutables.get(name);
    if (paths !== undefined && !paths.includes(program)) return [];
    return this.#matchesOf(name, [name, ...command.slice(1)]).map((match) => ({
      ...match,
      resolvedProgram: program,
    }));
  }

  #matchesOf(first: string, command: readonly string[]): readonly RuleMatch[] {
    const rules = this.#rules.get(first) ?? [];
    return rules.flatMap((rule) => matchRule(rule, command) ?? []);
  }
}
