import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  completed,
  created,
  functionCall,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import { expect, test } from "vitest";
import { mockHome } from "../support/home.ts";
import { runInProcess } from "../support/run-cli.ts";

const EXEC = [
  "exec",
  "--json",
  "--skip-git-repo-check",
  "--dangerously-bypass-approvals-and-sandbox",
];

/** A response that calls a command and fills a context of 10,000 tokens. */
const full = {
  events: [
    created(),
    message("Let me look."),
    functionCall("exec_command", { cmd: "echo x", login: false }, "call_1"),
    completed({ usage: { input_tokens: 9500, output_tokens: 100 } }),
  ],
};

const CONFIG = 'model = "gpt-mock"\ncompact_prompt = "Sum up."\nmodel_context_window = 10000';

test.each(["0.140", "0.171"] as const)(
  "[cli/exec-compaction] compacts a long history in a turn, and prints the lines of %s",
  async (compatibility) => {
    await using home = await mockHome(
      [full, messageExchange("SUMMARY"), messageExchange("Done.")],
      {
        top: CONFIG,
      },
    );
    const run = [...EXEC, "-c", `compatibility=${compatibility}`, "one"];
    const result = await runInProcess(run, home.run);
    expect(result.exitCode).toBe(0);
    const lines = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; item?: { type: string } });
    expect(
      lines.map(({ type, item }) => (item === undefined ? type : `${type} ${item.type}`)),
    ).toEqual([
      "thread.started",
      "turn.started",
      "item.completed agent_message",
      "item.started command_execution",
      "item.completed command_execution",
      // 0.140 says that a summary is less than what it stands for.
      ...(compatibility === "0.140" ? ["item.completed error"] : []),
      "item.completed agent_message",
      "turn.completed",
    ]);
    // The requests of the compaction count.
    expect(lines.at(-1)).toMatchObject({ usage: { input_tokens: 9520, output_tokens: 110 } });
    const inputs = home.server.requests.map(({ body }) => JSON.stringify(body));
    expect(inputs[1]).toContain("Sum up.");
    expect(inputs[2]).toContain("SUMMARY");
  },
);

test("[cli/exec-compaction] has a limit of its own, and the endpoint of 0.140 by a feature switch", async () => {
  await using home = await mockHome(
    [
      {
        ...full,
        events: [
          ...full.events.slice(0, -1),
          completed({ usage: { input_tokens: 600, output_tokens: 1 } }),
        ],
      },
      {
        path: "/responses/compact",
        body: { output: [{ type: "compaction", encrypted_content: "e" }] },
      },
      messageExchange("Done."),
    ],
    { top: 'model = "gpt-mock"\nmodel_auto_compact_token_limit = 500' },
  );
  const flags = ["-c", "compatibility=0.140", "-c", "features.remote_compaction_v2=false"];
  const result = await runInProcess(
    [...EXEC, ...flags, "-c", 'model_providers.mock.name="OpenAI"', "one"],
    home.run,
  );
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(home.server.requests.map(({ path }) => path.split("/").at(-1))).toEqual([
    "responses",
    "compact",
    "responses",
  ]);
});

test.each([
  ["are", true],
  ["are not", false],
])("[cli/exec-skills] skills %s offered, as configured", async (_name, isOffered) => {
  await using home = await mockHome([messageExchange("a")], { top: `model = "gpt-mock"` });
  const folder = join(home.path, ".agents", "skills", "hello");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "SKILL.md"),
    "---\nname: hello\ndescription: Says hello.\n---\nHi.\n",
  );
  const flags = ["-c", `skills.include_instructions=${isOffered}`];
  const result = await runInProcess([...EXEC, ...flags, "use $hello"], home.run);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const input = JSON.stringify(home.server.requests[0]?.body);
  expect(input.includes("- hello: Says hello.")).toBe(isOffered);
  expect(input.includes("<skill>")).toBe(isOffered);
});
