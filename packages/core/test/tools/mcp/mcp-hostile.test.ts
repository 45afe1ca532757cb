import { readFileSync, readdirSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createThread } from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test, vi } from "vitest";
import { findBubblewrap } from "../../../src/tools/sandbox/find-bubblewrap.ts";
import { startScene, testModel, testProvider } from "../../support/harness.ts";
import { bodies, stdioServer } from "../../support/mcp/mcp-scene.ts";

vi.setConfig({ testTimeout: 120_000 });

const { problem } = await findBubblewrap(process.env["PATH"]);

// oxlint-disable-next-line no-control-regex -- what a terminal or a file system takes for more than text
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

test.each([
  "",
  "a\0b",
  "a\nb",
  'a"b',
  "a'b",
  "a b",
  "$(touch pwned)",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u202etxt",
  "ü",
  "x".repeat(10_240),
])("[core/mcp-hostile] a server cannot be named %j", async (name) => {
  const error = await createThread({
    provider: testProvider("http://127.0.0.1:9"),
    model: testModel(),
    cwd: "/",
    installationId: "11111111-1111-4111-8111-111111111111",
    mcpServers: { [name]: { command: "/nonexistent" } },
  }).catch((reason: unknown) => reason as Error & { code?: string });
  if (!(error instanceof Error)) throw new Error("a thread was made");
  expect(error.code).toBe("invalid_option");
  expect(error.message).not.toMatch(CONTROLS);
  expect(error.message.length).toBeLessThan(1000);
});

const NAMES = [
  "../../x",
  "/etc/passwd",
  "..",
  "--bind",
  "__proto__",
  "constructor",
  ".git",
  "a@b:c",
];
const OUTSIDE = ["../outside", ".git/config", ".codex/x", "link/file", "/var/codex-ts-outside"];
const PATCH = (path: string): string => `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`;

test("[core/mcp-hostile] hostile names of servers are safe names to the model, and neither commands nor patches get further by them", async () => {
  await using home = await temporaryDirectory();
  const servers = Object.fromEntries(NAMES.map((name) => [name, stdioServer("names")] as const));
  const cmd = OUTSIDE.map((path) => `(echo x > ${path}) 2>/dev/null && echo wrote ${path}`).join(
    "; ",
  );
  await using scene = await startScene(
    [
      streamExchange([
        functionCall("exec_command", { cmd: `${cmd}; echo x > inside; true`, login: false }, "cmd"),
        ...OUTSIDE.map((path) => customToolCall("apply_patch", PATCH(path), `patch ${path}`)),
      ]),
      messageExchange("Done."),
    ],
    {
      compatibility: "0.171",
      codexHome: home.path,
      cwd: await workspace(home.path),
      sandboxMode: "workspace-write",
      workspaceWrite: { excludeSlashTmp: true, excludeTmpdir: true },
      model: testModel({ apply_patch_tool_type: "freeform" }),
      mcpServers: servers,
    },
  );
  await scene.turn("go");
  const [first, last] = [bodies(scene)[0], bodies(scene).at(-1)];
  const namespaces = ((first?.["tools"] ?? []) as JsonObject[]).filter(
    ({ type }) => type === "namespace",
  );
  expect(namespaces).toHaveLength(NAMES.length);
  for (const { name, tools } of namespaces) {
    expect(name).toMatch(/^mcp__\w+$/);
    for (const tool of tools as JsonObject[]) expect(tool["name"]).toMatch(/^\w+$/);
  }
  const outputs = Object.fromEntries(
    ((last?.["input"] ?? []) as JsonObject[]).flatMap((item) =>
      "output" in item ? [[item["call_id"], item["output"]]] : [],
    ),
  );
  for (const path of OUTSIDE) {
    // A link is looked at when it is written.
    const refusal = path.startsWith("link/")
      ? "Failed to write file"
      : "patch rejected: writing outside";
    expect([path, outputs[`patch ${path}`]]).toEqual([path, expect.stringContaining(refusal)]);
  }
  expect(outputs["cmd"]).not.toContain("wrote");
  const work = join(home.path, "work");
  // Without a sandbox no command runs at all.
  const inside = problem === undefined ? ["inside"] : [];
  expect(readdirSync(work).toSorted()).toEqual([".git", ...inside, "link"]);
  expect(readdirSync(join(work, ".git"))).toEqual([]);
  expect(readdirSync(join(home.path, "target"))).toEqual([]);
  expect(readdirSync(home.path)).not.toContain("outside");
  // What the home keeps is named by ids.
  for (const entry of readdirSync(home.path, { recursive: true }) as string[]) {
    expect(entry).not.toMatch(/passwd|--bind|__proto__|constructor/);
  }
  expect(readFileSync(scene.thread.sessionPath ?? "", "utf8")).not.toMatch(CONTROLS);
});

async function workspace(home: string): Promise<string> {
  const work = join(home, "work");
  await mkdir(join(work, ".git"), { recursive: true });
  await mkdir(join(home, "target"));
  await symlink(join(home, "target"), join(work, "link"));
  return work;
}
