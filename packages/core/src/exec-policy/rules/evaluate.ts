import type { Place } from "./rules-error.ts";
import { rulesError } from "./rules-error.ts";
import type { Token } from "./tokens.ts";
import { Tokenizer } from "./tokens.ts";

/** A value of a rules file. */
export type RulesValue = string | number | boolean | null | readonly RulesValue[];

/** The arguments of a call: those by place, and those by name. */
export interface CallArguments {
  readonly place: Place;
  readonly positional: readonly RulesValue[];
  readonly named: ReadonlyMap<string, RulesValue>;
}

/** Functions a file can call, by name. They throw `RulesError`. */
export type RulesFunctions = Readonly<Record<string, (call: CallArguments) => void>>;

/** Deepest nesting of brackets. */
const MAX_DEPTH = 50;
/** Most elements of all lists a file makes; adding lists doubles them quickly. */
const MAX_ELEMENTS = 1_000_000;
/** Most characters of one string. */
const MAX_STRING = 1_000_000;

const CONSTANTS: ReadonlyMap<string, RulesValue> = new Map<string, RulesValue>([
  ["None", null],
  ["True", true],
  ["False", false],
]);

const KEYWORDS: ReadonlySet<string> = new Set(
  "and break continue def elif else for if in lambda load not or pass return while".split(" "),
);

/**
 * Runs a rules file: calls of the given functions with strings, numbers, lists and names of values, one statement a line. It is the
 * part of Starlark that rules are written in; what else there is (`def`, `for`, `if`, `load`) is refused. Throws `RulesError` at the
 * first mistake.
 */
export function evaluateRules(text: string, path: string, functions: RulesFunctions): void {
  new Evaluation(text, path, functions).run();
}

class Evaluation {
  readonly #tokens: Tokenizer;
  readonly #functions: RulesFunctions;
  readonly #values = new Map<string, RulesValue>(CONSTANTS);
  #token: Token;
  #depth = 0;
  #elements = 0;

  constructor(text: string, path: string, functions: RulesFunctions) {
    this.#tokens = new Tokenizer(text, path);
    this.#functions = functions;
    this.#token = this.#tokens.next();
  }

  run(): void {
    while (!this.#is("end")) {
      if (!this.#is("newline")) this.#statement();
      if (this.#isSign(";") || this.#is("newline")) this.#advance();
      else if (!this.#is("end")) throw this.#unexpected("the end of the line");
    }
  }

  #statement(): void {
    const { type, text, place } = this.#token;
    if (type !== "name") {
      this.#expression();
      return;
    }
    if (KEYWORDS.has(text)) throw rulesError(place, notUnderstood(text, this.#functions));
    this.#advance();
    if (this.#isSign("=")) {
      if (CONSTANTS.has(text)) throw rulesError(place, `\`${text}\` cannot have another value`);
      this.#advance();
      this.#values.set(text, this.#expression());
    } else if (this.#isSign("(")) this.#call(text, place);
    else this.#sum(this.#valueOf(text, place), place);
  }

  #expression(): RulesValue {
    const { place } = this.#token;
    return this.#sum(this.#primary(), place);
  }

  #sum(first: RulesValue, place: Place): RulesValue {
    let sum = first;
    while (this.#isSign("+")) {
      this.#advance();
      const next = this.#primary();
      if (typeof sum === "string" && typeof next === "string") {
        if (sum.length + next.length > MAX_STRING) throw rulesError(place, "a string is too long");
        sum += next;
      } else if (Array.isArray(sum) && Array.isArray(next)) {
        sum = this.#list([...(sum as RulesValue[]), ...(next as RulesValue[])], place);
      } else throw rulesError(place, "only two strings or two lists can be added");
    }
    return sum;
  }

  #primary(): RulesValue {
    const { type, text, place } = this.#token;
    if (type === "string") {
      this.#advance();
      return text;
    }
    if (type === "number") {
      this.#advance();
      return Number(text);
    }
    if (type === "name") {
      if (KEYWORDS.has(text)) throw rulesError(place, notUnderstood(text, this.#functions));
      this.#advance();
      if (!this.#isSign("(")) return this.#valueOf(text, place);
      this.#call(text, place);
      return null;
    }
    if (this.#isSign("[")) return this.#list(this.#elementsUntil("]").values, place);
    if (this.#isSign("(")) {
      const { values, hasComma } = this.#elementsUntil(")");
      const [only] = values;
      if (values.length === 1 && !hasComma && only !== undefined) return only;
      throw rulesError(
        place,
        "a list of this kind is not understood here; write it with `[` and `]`",
      );
    }
    throw this.#unexpected("a value");
  }

  #elementsUntil(closing: string): { readonly values: RulesValue[]; readonly hasComma: boolean } {
    const values: RulesValue[] = [];
    let hasComma = false;
    this.#enter();
    while (!this.#isSign(closing)) {
      values.push(this.#expression());
      if (this.#isSign(",")) {
        hasComma = true;
        this.#advance();
      } else if (!this.#isSign(closing)) throw this.#unexpected(`\`,\` or \`${closing}\``);
    }
    this.#leave();
    return { values, hasComma };
  }

  #list(values: readonly RulesValue[], place: Place): readonly RulesValue[] {
    this.#elements += values.length;
    if (this.#elements > MAX_ELEMENTS)
      throw rulesError(place, "the lists of the file are too long");
    return values;
  }

  #call(name: string, place: Place): void {
    const called = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (called === undefined) throw rulesError(place, notUnderstood(name, this.#functions));
    const positional: RulesValue[] = [];
    const named = new Map<string, RulesValue>();
    this.#enter();
    while (!this.#isSign(")")) {
      this.#argument(positional, named);
      if (this.#isSign(",")) this.#advance();
      else if (!this.#isSign(")")) throw this.#unexpected("`,` or `)`");
    }
    this.#leave();
    called({ place, positional, named });
  }

  #argument(positional: RulesValue[], named: Map<string, RulesValue>): void {
    const { type, text, place } = this.#token;
    if (type !== "name" || KEYWORDS.has(text))
      return this.#place(this.#expression(), place, { positional, named });
    this.#advance();
    if (!this.#isSign("=")) {
      if (this.#isSign("(")) throw rulesError(place, `\`${text}(…)\` has no value`);
      return this.#place(this.#sum(this.#valueOf(text, place), place), place, {
        positional,
        named,
      });
    }
    this.#advance();
    if (named.has(text)) throw rulesError(place, `\`${text}\` is given twice`);
    named.set(text, this.#expression());
  }

  #place(
    value: RulesValue,
    place: Place,
    call: { readonly positional: RulesValue[]; readonly named: ReadonlyMap<string, RulesValue> },
  ): void {
    if (call.named.size > 0)
      throw rulesError(place, "an argument without a name comes after one with a name");
    call.positional.push(value);
  }

  #valueOf(name: string, place: Place): RulesValue {
    const value = this.#values.get(name);
    if (value === undefined) throw rulesError(place, `\`${name}\` has no value`);
    return value;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw rulesError(this.#token.place, "brackets are nested too deep");
    this.#advance();
  }

  #leave(): void {
    this.#depth -= 1;
    this.#advance();
  }

  #advance(): void {
    this.#token = this.#tokens.next();
  }

  #is(type: Token["type"]): boolean {
    return this.#token.type === type;
  }

  #isSign(sign: string): boolean {
    return this.#token.type === "sign" && this.#token.text === sign;
  }

  #unexpected(wanted: string): Error {
    const { type, text, place } = this.#token;
    const found =
      type === "end"
        ? "the file ends"
        : type === "newline"
          ? "the line ends"
          : `\`${text}\` stands`;
    return rulesError(place, `${found} where ${wanted} belongs`);
  }
}

function notUnderstood(name: string, functions: RulesFunctions): string {
  const known = Object.keys(functions).map((one) => `\`${one}(…)\``);
  return `\`${name}\` is not understood here; a rules file has ${known.join(", ")}`;
}
