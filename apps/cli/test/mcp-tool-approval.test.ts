import { readFile, writeFile } from "node:fs/promises";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { allowMcpTool } from "../src/mcp-tool-approval.ts";

describe("approvals of MCP tools that are kept", () => {
  test("[cli/mcp-allow-tool] a tool is allowed in config.toml, beside all that is there, and once", async () => {
    await using home = await temporaryDirectory();
    const file = `${home.path}/config.toml`;
    const before = `# mine
model = "m" # too

[mcp_servers.demo]
command = "demo"

[mcp_servers.demo.tools."a b"]
approval_mode = "prompt"
other = 1
`;
    await writeFile(file, before);
    allowMcpTool(home.path, "demo", "write");
    const added = '\n[mcp_servers.demo.tools.write]\napproval_mode = "approve"\n';
    expect(await readFile(file, "utf8")).toBe(before + added);
    allowMcpTool(home.path, "demo", "write");
    expect(await readFile(file, "utf8")).toBe(before + added);
    allowMcpTool(home.path, "demo", "a b");
    const text = await readFile(file, "utf8");
    expect(text).toContain(
      '[mcp_servers.demo.tools."a b"]\napproval_mode = "approve"\nother = 1\n',
    );
    expect(text).not.toContain("prompt");
    expect(text.startsWith('# mine\nmodel = "m" # too\n')).toBe(true);
  });

  test("[cli/mcp-allow-tool] a server that is configured elsewhere is not made one of the file", async () => {
    await using home = await temporaryDirectory();
    const file = `${home.path}/config.toml`;
    await writeFile(file, 'model = "m"\n');
    for (const server of ["demo", "__proto__", "toString"]) {
      expect(() => allowMcpTool(home.path, server, "write")).toThrow("is not configured in");
    }
    expect(await readFile(file, "utf8")).toBe('model = "m"\n');
    await writeFile(file, 'mcp_servers = { demo = { command = "x" } }\n');
    expect(() => allowMcpTool(home.path, "demo", "write")).toThrow("by hand");
  });
});
