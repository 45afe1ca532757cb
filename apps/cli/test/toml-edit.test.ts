import * as fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { describe, expect, test, vi } from "vitest";
import { UneditableToml, withTable, withoutTable } from "../src/toml-edit.ts";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const PATH = ["mcp_servers", "docs"];

const FILE = `# my configuration
model = "x" # keep

# servers of mine
[mcp_servers.docs] # this one
# inner
command = "a"
args = [
  "one", # two
  "three",
]

[mcp_servers.docs.env]
TEXT = """
[mcp_servers.other]
"""

# about the other
[mcp_servers.other]
command = 'b' # b

[features]
x = true
`;

describe("[cli/mcp-edit] a table of a TOML document", () => {
  test("is taken out with its parts, and all else stays to the byte", () => {
    expect(withoutTable(FILE, PATH)).toBe(`# my configuration
model = "x" # keep

# servers of mine
# about the other
[mcp_servers.other]
command = 'b' # b

[features]
x = true
`);
    expect(withoutTable(FILE, ["mcp_servers", "nobody"])).toBe(FILE);
    expect(withoutTable("", PATH)).toBe("");
  });

  test("is added at the end", () => {
    const table = { command: 'a "b" \\ c', args: ["# no comment", "\u0007ü"], env: { A: "1" } };
    for (const text of ["", FILE, FILE.trimEnd(), "# only this\r\n"]) {
      const result = withTable(text, ["mcp_servers", "new one"], table);
      expect(result.startsWith(text)).toBe(true);
      expect(parse(result)).toMatchObject({ mcp_servers: { "new one": table } });
    }
  });

  test.each([
    [
      "dotted keys",
      '[mcp_servers]\ndocs.command = "a"\nother.command = "b" # b\n',
      '[mcp_servers]\nother.command = "b" # b\n',
    ],
    [
      "an inline table",
      "[mcp_servers]\ndocs = { command = 'a' }\nother = { command = 'b' }\n",
      "[mcp_servers]\nother = { command = 'b' }\n",
    ],
    ["quoted keys", '["mcp_servers" . \'docs\']\ncommand = "a"\n# end\n', "# end\n"],
    ["a key at the top", 'mcp_servers.docs.command = "a"\nmodel = "x"\n', 'model = "x"\n'],
    [
      "carriage returns",
      '[mcp_servers.docs]\r\ncommand = "a"\r\n\r\n[x]\r\ny = 1\r\n',
      "[x]\r\ny = 1\r\n",
    ],
    ["no line break at the end", '[x]\ny = 1\n[mcp_servers.docs]\ncommand = "a"', "[x]\ny = 1\n"],
  ])("is found as %s", (_form, before, after) => {
    expect(withoutTable(before, PATH)).toBe(after);
  });

  test("that cannot be changed without losing something is left alone", () => {
    const inline = 'mcp_servers = { docs = { command = "a" }, other = { command = "b" } }\n';
    expect(() => withoutTable(inline, PATH)).toThrow(UneditableToml);
    expect(() => withTable(inline, ["mcp_servers", "new"], { command: "c" })).toThrow(
      UneditableToml,
    );
    expect(() => withoutTable("a = [", PATH)).toThrow(/TOML/);
  });

  test("is what it was after it was added and taken out, in any document", () => {
    const key = fc.stringMatching(/^[A-Za-z0-9_ .#"'-]{1,8}$/);
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
    const tables = fc.dictionary(key, fc.dictionary(key, value, { maxKeys: 4 }), { maxKeys: 4 });
    fc.assert(
      fc.property(
        tables,
        key,
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }),
        (document, name, table) => {
          const text = stringify({ mcp_servers: document, other: document });
          const path = ["mcp_servers", `new ${name}`];
          const added = withTable(text, path, table);
          expect(parse(withoutTable(added, path))).toEqual(parse(text));
        },
      ),
      { numRuns: 50 },
    );
  });
});
