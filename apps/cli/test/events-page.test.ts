import { readFileSync } from "node:fs";
import { errorExchange, functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { Script } from "@codex-ts/responses-server";
import { readmeCodeBlocks } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/command-bucket.ts";
import { mockHome } from "./support/home.ts";
import { runInProcess } from "./support/run-cli.ts";

const REFERENCE = new URL("../../../docs/reference/", import.meta.url);
const EVENTS = new URL("events.md", REFERENCE);

const command = {
  name: "exec_command",
  args: { cmd: "echo 42", login: false },
  callId: "call_1",
};

/** Lines of one run, without what differs from run to run. */
async function linesOf(script: Script, ...settings: readonly string[]): Promise<string> {
  await using home = await mockHome(script);
  const args = [
    "exec",
    "--json",
    "--skip-git-repo-check",
    ...settings.flatMap((each) => ["-c", each]),
  ];
  const { stdout } = await runInProcess([...args, "How much is it?"], home.run);
  return stdout
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8000");
}

// How slow a busy machine is proves nothing.
test(
  "the lines of the page are those of a turn, and of one that fails",
  { timeout: 60_000 },
  async () => {
    const usage = { input_tokens: 900, cached_input_tokens: 800, output_tokens: 12 };
    const worked = await linesOf(
      [functionCallExchange(command, { usage }), messageExchange("It is 42.", { usage })],
      'sandbox_mode="danger-full-access"',
    );
    const refusal = { message: "the database is on fire", requestId: "req_7" };
    const failed = await linesOf(
      [errorExchange(502, refusal), errorExchange(502, refusal)],
      "model_providers.mock.stream_max_retries=1",
    );
    expect([worked, failed]).toEqual(readmeCodeBlocks(EVENTS, "jsonl"));
  },
);

test("every line that is printed has a row in the page", () => {
  const source = readFileSync(new URL("../src/render/jsonl.ts", import.meta.url), "utf8");
  const printed = [...source.matchAll(/"((?:thread|turn|item)\.\w+|error)"/g)].map(
    ([, name]) => name,
  );
  const [, section = ""] = readFileSync(EVENTS, "utf8").split("\n## JSON lines\n");
  const rows = [...section.matchAll(/^\| `([\w.]+)`/gm)].map(([, name]) => name);
  expect(new Set(rows)).toEqual(new Set(printed));
});

test("the page shows the program that reads them, which a process test runs", () => {
  const program = readFileSync(new URL("../examples/json-lines.ts", import.meta.url), "utf8");
  expect(readmeCodeBlocks(EVENTS, "ts apps/cli/examples/json-lines.ts")).toEqual([program]);
});

test.each(["", ...COMMANDS])('the page shows "codex-ts %s --help"', async (words) => {
  const name = `codex-ts ${words}`.trim();
  const args = words.split(" ").filter((word) => word !== "");
  const { stdout } = await runInProcess([...args, "--help"], { cwd: "/" });
  const page = new URL("command-line.md", REFERENCE);
  expect(readmeCodeBlocks(page, `text ${name} --help`)).toEqual([stdout]);
});
