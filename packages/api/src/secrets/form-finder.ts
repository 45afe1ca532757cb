/** Places of a text: from, and up to. */
export type Range = readonly [start: number, end: number];

/** In longer texts, one search for all beginnings is faster than one search for each form: it has to be compiled first. */
const MAX_SHORT_CHARACTERS = 4096;

/** A form is looked up by this many characters, and recognized by them where a text ends within it. */
const BEGINNING_CHARACTERS = 6;

/** Finds given texts, all in lower case and longer than a few characters, in others. */
export class FormFinder {
  readonly #forms: readonly string[];
  #byBeginning: ReadonlyMap<string, readonly string[]> | undefined;
  #beginnings: RegExp | undefined;

  constructor(forms: readonly string[]) {
    this.#forms = [...new Set(forms)];
  }

  /** Where any of them stands in a text in lower case. */
  findIn(text: string): Range[] {
    return text.length > MAX_SHORT_CHARACTERS ? this.#findInLong(text) : this.#findInShort(text);
  }

  /** Where the beginning of any of them is the end of the text. */
  endingIn(text: string): Range[] {
    const end = text.length;
    return this.#forms.flatMap((form): Range[] => {
      const beginning = form.slice(0, BEGINNING_CHARACTERS);
      let at = text.indexOf(beginning, end - form.length + 1);
      while (at >= 0 && !form.startsWith(text.slice(at))) at = text.indexOf(beginning, at + 1);
      return at < 0 ? [] : [[at, end]];
    });
  }

  #findInShort(text: string): Range[] {
    const ranges: Range[] = [];
    for (const form of this.#forms) {
      if (form.length > text.length) continue;
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
        ranges.push([at, at + form.length]);
      }
    }
    return ranges;
  }

  #findInLong(text: string): Range[] {
    this.#byBeginning ??= Map.groupBy(this.#forms, (form) => form.slice(0, BEGINNING_CHARACTERS));
    // Nothing is consumed, because forms may overlap.
    this.#beginnings ??= new RegExp(
      `(?=(${[...this.#byBeginning.keys()].map(escaped).join("|")}))`,
      "g",
    );
    const ranges: Range[] = [];
    for (const { 1: beginning = "", index } of text.matchAll(this.#beginnings)) {
      for (const form of this.#byBeginning.get(beginning) ?? []) {
        if (text.startsWith(form, index)) ranges.push([index, index + form.length]);
      }
    }
    return ranges;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[^a-z0-9]/g, (character) => `\\u${hexOf(character)}`);
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
