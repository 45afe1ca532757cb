import type { JsonValue } from "@codex-ts/protocol";
import { MIN_SECRET_CHARACTERS, encodedForms } from "./encoded-forms.ts";
import type { Range } from "./form-finder.ts";
import { FormFinder } from "./form-finder.ts";
import type { TextView } from "./text-view.ts";
import { readingsOf } from "./text-view.ts";

export const REDACTED = "[redacted]";

/** Levels of a JSON value that are kept where it is scrubbed member by member. */
const MAX_JSON_DEPTH = 32;

/** Base64 inside base64 that is followed. */
const MAX_BASE64_DEPTH = 2;

/**
 * The credentials of one attempt. What a server sends passes `scrub` after its last decoding and before it becomes an
 * error, an event or a report, so that nobody behind has to look again. Values shorter than 8 characters are ignored.
 */
export class SecretSet {
  readonly #values = new Set<string>();
  /** Looked for in texts; `undefined` until a text asks for it. */
  #finders: Finders | undefined;

  constructor(values: Iterable<string> = []) {
    this.addAll(values);
  }

  /** The values, for a set that is to know more than this one. Never put them into an error, a log or a report. */
  get values(): Iterable<string> {
    return this.#values;
  }

  /** Adds a credential, without the blanks around it, which servers do not see. */
  add(value: string): void {
    const trimmed = value.trim();
    if (trimmed.length < MIN_SECRET_CHARACTERS || this.#values.has(trimmed)) return;
    this.#values.add(trimmed);
    this.#finders = undefined;
  }

  addAll(values: Iterable<string>): void {
    for (const value of values) this.add(value);
  }

  /** The text with every credential in it replaced, also where it is escaped or encoded. */
  scrub(text: string): string {
    if (text.length < MIN_SECRET_CHARACTERS || this.#values.size === 0) return text;
    const ranges = this.#rangesIn(text, MAX_BASE64_DEPTH);
    return ranges.length === 0 ? text : withoutRanges(text, ranges);
  }

  /** The same for the beginning of a text, which may end within a credential. */
  scrubBeginning(text: string): string {
    const scrubbed = this.scrub(text);
    if (this.#finders === undefined) return scrubbed;
    const { forms } = this.#finders;
    const ranges = readingsOf(scrubbed).decoded.flatMap((view) =>
      forms.endingIn(lowerCase(view.text)).map((range) => view.sourceRange(...range)),
    );
    return ranges.length === 0 ? scrubbed : withoutRanges(scrubbed, ranges);
  }

  /** A JSON value of a server the same way. An object stays one, a list stays one. */
  scrubJson<Value extends JsonValue>(value: Value): Value;
  scrubJson(value: JsonValue): JsonValue {
    if (this.#values.size === 0) return value;
    try {
      const text = JSON.stringify(value);
      const scrubbed = this.scrub(text);
      return scrubbed === text ? value : (JSON.parse(scrubbed) as JsonValue);
    } catch {
      // Nested too deep to be written; or what was found is no text, or begins or ends with the quotes of one.
      return this.#scrubbedTree(value, MAX_JSON_DEPTH);
    }
  }

  #scrubbedTree(value: JsonValue, depth: number): JsonValue {
    if (typeof value === "string") return this.scrub(value);
    if (typeof value === "number") {
      const text = String(value);
      const scrubbed = this.scrub(text);
      return scrubbed === text ? value : scrubbed;
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth === 0) return Array.isArray(value) ? [] : {};
    if (Array.isArray(value)) return value.map((member) => this.#scrubbedTree(member, depth - 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        this.scrub(name),
        this.#scrubbedTree(member ?? null, depth - 1),
      ]),
    );
  }

  /** An object with its own texts scrubbed. */
  scrubMembers<Facts extends object>(facts: Facts): Facts {
    const members = Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === "string" ? this.scrub(value) : (value as unknown),
    ]);
    return Object.fromEntries(members) as Facts;
  }

  /** The text without the credentials that it holds as they are; for what is too frequent to be looked at twice. */
  scrubVerbatim(text: string): string {
    if (text.length < MIN_SECRET_CHARACTERS || this.#values.size === 0) return text;
    const ranges = this.#finding.forms.findIn(lowerCase(text));
    return ranges.length === 0 ? text : withoutRanges(text, ranges);
  }

  get #finding(): Finders {
    if (this.#finders === undefined) {
      const encoded = [...this.#values].map(encodedForms);
      this.#finders = {
        forms: new FormFinder(encoded.flatMap(({ forms }) => forms)),
        withoutGaps: new FormFinder(encoded.flatMap(({ withoutGaps }) => withoutGaps)),
      };
    }
    return this.#finders;
  }

  #rangesIn(text: string, base64Depth: number): Range[] {
    const { unescaped, decoded, closed } = readingsOf(text);
    const { forms, withoutGaps } = this.#finding;
    const found = [
      ...decoded.flatMap((view) => rangesWith(forms, view)),
      ...closed.flatMap((view) => rangesWith(withoutGaps, view)),
    ];
    if (base64Depth === 0) return found;
    const encoded = [...new Set([unescaped[0], unescaped.at(-1)])].flatMap((view) =>
      this.#base64RangesIn(view?.text ?? "", base64Depth).map(
        (range) => view?.sourceRange(...range) ?? range,
      ),
    );
    return [...found, ...encoded];
  }

  /** Base64 that holds a credential in another form than the credential's own bytes. */
  #base64RangesIn(text: string, depth: number): Range[] {
    // What stands before it, as in `resp_…`, may look like a part of it: it begins at any of four characters.
    const runs = [...text.matchAll(BASE64_RUN)].flatMap((run) => [0, 1, 2, 3].map(() => run));
    if (runs.length === 0) return [];
    // All at once, because most texts have many of them and none with a credential.
    const decoded = runs.map(({ 0: run }, at) =>
      Buffer.from(run.slice(at % 4), "base64").toString("latin1"),
    );
    const found = this.#rangesIn(decoded.join("\n\n"), depth - 1);
    if (found.length === 0) return [];
    let end = 0;
    return runs.flatMap(({ 0: run, index }, at): Range[] => {
      const start = end;
      end = start + (decoded[at]?.length ?? 0) + 2;
      const isHit = found.some(([from, to]) => from < end && to > start);
      return isHit ? [[index, index + run.length]] : [];
    });
  }
}

interface Finders {
  readonly forms: FormFinder;
  readonly withoutGaps: FormFinder;
}

/** Where a view has any of some forms, as places of the text itself. */
function rangesWith(finder: FormFinder, view: TextView): Range[] {
  return finder.findIn(lowerCase(view.text)).map((range) => view.sourceRange(...range));
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

/** ASCII where another alphabet would change the places of characters. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function withoutRanges(text: string, ranges: readonly Range[]): string {
  let result = "";
  let end = 0;
  for (const [from, to] of ranges.toSorted(([left], [right]) => left - right)) {
    if (to <= end) continue;
    // What overlaps or touches is one credential.
    if (from > end || end === 0) result += `${text.slice(end, from)}${REDACTED}`;
    end = to;
  }
  return result + text.slice(end);
}
