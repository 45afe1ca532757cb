/** A comment or string of a TypeScript source. */
export interface SourcePart {
  readonly kind: "docstring" | "comment" | "string";
  /** Without the marks around it; in strings the escapes are as written, in templates what is inserted is left out. */
  readonly text: string;
  readonly offset: number;
}

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`|\}|\{|\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
/** Before a regular expression, and not before a division. */
const EXPRESSION_START =
  /(?:^|[(,=:[!&|?{};<>+*%~^-]|\b(?:return|case|typeof|of|in|yield|await|default))\s*$/;

/** The comments and strings of a source, in order. Knows as much of the language as that takes. */
export function sourceParts(source: string): SourcePart[] {
  const parts: SourcePart[] = [];
  /** For each template that is open: how deep braces were when its expression began. */
  const templates: number[] = [];
  let depth = 0;
  let position = 0;
  while (position < source.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(source);
    if (match === null) break;
    const [token] = match;
    const offset = match.index;
    position = offset + token.length;
    if (token.startsWith("/**")) {
      parts.push({ kind: "docstring", text: docstringText(token), offset });
    } else if (token.startsWith("/*") || token.startsWith("//")) {
      parts.push({
        kind: "comment",
        text: token.replaceAll(/^\/\/ ?|^\/\* ?| ?\*\/$/g, ""),
        offset,
      });
    } else if (token.startsWith('"') || token.startsWith("'")) {
      parts.push({ kind: "string", text: token.slice(1, -1), offset });
    } else if (token === "{") {
      depth += 1;
    } else if (token === "`" || (token === "}" && templates.at(-1) === depth)) {
      if (token === "}") templates.pop();
      const end = endOfTemplateText(source, position);
      parts.push({ kind: "string", text: source.slice(position, end), offset });
      if (source.startsWith("${", end)) templates.push(depth);
      position = source.startsWith("${", end) ? end + 2 : end + 1;
    } else if (token === "}") {
      depth -= 1;
    } else if (!EXPRESSION_START.test(source.slice(Math.max(0, offset - 40), offset))) {
      position = offset + 1;
    }
  }
  return parts;
}

function endOfTemplateText(source: string, start: number): number {
  let position = start;
  while (position < source.length && source[position] !== "`") {
    if (source.startsWith("${", position)) return position;
    position += source[position] === "\\" ? 2 : 1;
  }
  return position;
}

function docstringText(comment: string): string {
  return comment
    .slice("/**".length, -"*/".length)
    .replaceAll(/^\s*\* ?/gm, "")
    .trim();
}
