/** String literals in the type `name` of a source, those of its comments left out. */
export function literalsOfType(source: string, name: string): string[] {
  const body = new RegExp(String.raw`export type ${name} =([\s\S]*?);\n(?:\n|$)`).exec(source)?.[1];
  if (body === undefined) throw new Error(`there is no type ${name}`);
  return [...withoutComments(body).matchAll(/"([^"]+)"/g)].map(([, literal = ""]) => literal);
}

/** Discriminants of the union `name`: the literals of its members called `type`. */
export function typesOfUnion(source: string, name: string): string[] {
  const body = new RegExp(String.raw`export type ${name} =\n([\s\S]*?\});\n(?:\n|$)`).exec(
    source,
  )?.[1];
  if (body === undefined) throw new Error(`there is no union ${name}`);
  const top = withoutNested(withoutComments(body));
  return [...top.matchAll(/readonly type: ((?:"[^"]+"(?: \| )?)+)/g)].flatMap(([, literals = ""]) =>
    [...literals.matchAll(/"([^"]+)"/g)].map(([, literal = ""]) => literal),
  );
}

/** Names in the first column of the tables of a section, up to the next heading of that level or a higher one. */
export function namesInSection(page: string, heading: string): string[] {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const [, behind = ""] = page.split(`\n${heading}\n`);
  const end = behind.search(new RegExp(String.raw`^#{1,${level}} `, "m"));
  const section = end === -1 ? behind : behind.slice(0, end);
  return [...section.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
}

/** Environment variables that a source reads or names. */
export function variablesIn(source: string): string[] {
  const read = source.matchAll(/\benv\["([A-Z][A-Z0-9_]*)"\]/g);
  const named = source.matchAll(
    /["`]((?:CODEX|OPENAI|AWS|HTTPS?|ALL(?=_PROXY)|NO|SSL)_[A-Z0-9_]+)["`]/g,
  );
  return [...read, ...named].map(([, name = ""]) => name);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
}

/** A union without the objects inside its members. */
function withoutNested(text: string): string {
  let depth = 0;
  return text
    .split("")
    .filter((character) => {
      if (character === "{") depth += 1;
      const isKept = depth <= 1;
      if (character === "}") depth -= 1;
      return isKept;
    })
    .join("");
}
