/**
 * The top-level texts of the front matter a file begins with: the part of YAML that skills are written in, one
 * `key: value` per line, quoted or not, and `>` or `|` with an indented text below. Lists and maps below a key are skipped.
 * `undefined` when the file has no front matter.
 */
export function readFrontMatter(text: string): ReadonlyMap<string, string> | undefined {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim() !== "---") return undefined;
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === "---");
  if (end === -1) return undefined;
  const fields = new Map<string, string>();
  for (let at = 1; at < end; at += 1) {
    const [, key, rest] = /^([A-Za-z_][\w-]*):(?:\s+(.*)|\s*)$/.exec(lines[at] ?? "") ?? [];
    if (key === undefined) continue;
    const below = indentedAfter(lines.slice(0, end), at);
    const value = rest?.trim() ?? "";
    if (/^[>|][+-]?$/.test(value)) {
      fields.set(key, below.map((line) => line.trim()).join(value.startsWith(">") ? " " : "\n"));
    } else if (value !== "") {
      // A plain text may go on, indented, on the lines below.
      fields.set(key, unquoted([value, ...below.map((line) => line.trim())].join(" ")));
    }
    at += below.length;
  }
  return fields;
}

function indentedAfter(lines: readonly string[], at: number): readonly string[] {
  const below: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (!/^\s+\S|^\s*$/.test(line)) break;
    below.push(line);
  }
  return below;
}

function unquoted(value: string): string {
  const double = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[0];
  if (double !== undefined) {
    try {
      return String(JSON.parse(double));
    } catch {
      return value.slice(1, -1);
    }
  }
  const single = /^'(.*)'$/.exec(value)?.[1];
  return single === undefined ? value.replace(/\s+#.*$/, "") : single.replaceAll("''", "'");
}
