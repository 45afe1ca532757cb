import { writeFile } from "node:fs/promises";
import { shellCommandTool } from "../../../src/tools/exec/shell-command.ts";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { commandScene } from "../../support/command-scene.ts";
import type { CommandScene } from "../../support/command-scene.ts";
import { startScene, testModel } from "../../support/harness.ts";
import type { SceneOptions } from "../../support/harness.ts";

const run = (scene: CommandScene, args: object, call = {}): Promise<string> =>
  scene
    .call((settings) => shellCommandTool(settings, "listed"), { login: false, ...args }, call)
    .then((text) => text.replace(/(?<=^Wall time: )[\d.]+/m, "<s>"));

/** What a failed call tells the model. */
const failure = (output: Promise<string>): Promise<string> =>
  output.then(
    (text) => expect.fail(`did not fail: ${text}`),
    (error: Error) => error.message.replace(/(?<=^Wall time: )[\d.]+/m, "<s>"),
  );

describe("shell_command", () => {
  test("[core/shell-command] reports a command once it has ended", async () => {
    await using scene = await commandScene({}, "0.140");
    await writeFile(`${scene.folder}/file`, "");
    expect(await run(scene, { command: "echo one; echo two >&2" })).toBe(
      "Exit code: 0\nWall time: <s> seconds\nOutput:\none\ntwo\n",
    );
    expect(await failure(run(scene, { command: "echo one; exit 3" }))).toBe(
      "Exit code: 3\nWall time: <s> seconds\nOutput:\none\n",
    );
    expect(await run(scene, { command: "cat; ls", workdir: "." })).toMatch(/\nfile\n$/);
    // How many pieces an output comes in is up to the system.
    const steps = scene.emitted
      .map(({ msg }) => ("exit_code" in msg ? [msg.source, msg.status, msg.exit_code] : msg.type))
      .filter((step, index, all) => step !== all[index - 1]);
    expect(steps).toEqual(
      [
        ["agent", "completed", 0],
        ["agent", "failed", 3],
        ["agent", "completed", 0],
      ].flatMap((end) => ["exec_command_begin", "exec_command_output_delta", end]),
    );
  });

  test("[core/shell-command-timeout] kills a command whose time is over, with what it has started", async () => {
    await using scene = await commandScene({}, "0.140");
    const command = "echo early; sleep 60 & sleep 60";
    for (const limit of [{ timeout_ms: 200 }, { timeout: 200 }]) {
      const text = await failure(run(scene, { command, ...limit }));
      expect(text).toMatch(
        /^Exit code: 124\nWall time: <s> seconds\nOutput:\ncommand timed out after \d+ milliseconds\nearly\n$/,
      );
    }
    const ends = scene.emitted.flatMap(({ msg }) => (msg.type === "exec_command_end" ? [msg] : []));
    expect(ends.map((end) => [end.exit_code, end.status, end.aggregated_output])).toEqual(
      [1, 2].map(() => [124, "failed", "early\n"]),
    );
    expect(ends[0]?.formatted_output).toMatch(
      /^command timed out after \d+ milliseconds\nearly\n$/,
    );
  });

  test("[core/shell-command-output] long output says how many lines there were, one long line does not", async () => {
    await using scene = await commandScene({}, "0.140");
    const call = { outputBudget: { mode: "bytes", limit: 40 } };
    const lines = await run(scene, { command: "seq 1 200" }, call);
    expect(lines).toMatch(
      /^Exit code: 0\nWall time: <s> seconds\nTotal output lines: 200\nOutput:\n1\n2\n[^]*…\d+ chars truncated…[^]*\n200\n$/,
    );
    const line = await run(scene, { command: "printf %0200d 0" }, call);
    expect(line).toMatch(
      /^Exit code: 0\nWall time: <s> seconds\nOutput:\n0+…\d+ chars truncated…0+$/,
    );
  });

  test("[core/shell-command-errors] what cannot be run says why", async () => {
    await using scene = await commandScene({}, "0.140");
    const bad = "failed to parse function arguments: ";
    const cases: readonly (readonly [object, string | RegExp])[] = [
      [{}, `${bad}missing field \`command\``],
      [{ command: ["ls"] }, `${bad}invalid type of \`command\`, expected a string`],
      [
        { command: "ls", timeout_ms: 1.5 },
        `${bad}invalid type of \`timeout_ms\`, expected an integer`,
      ],
      [{ command: "ls", timeout_ms: -1 }, new RegExp(`^${bad}`)],
      [
        { command: "ls", workdir: "/nonexistent" },
        "execution error: no such working directory: /nonexistent",
      ],
      [
        { command: "ls", sandbox_permissions: "require_escalated" },
        "approval policy is Never; reject command — you should not ask for escalated permissions if the approval policy is Never",
      ],
    ];
    for (const [args, expected] of cases) {
      expect(await failure(run(scene, args))).toMatch(expected);
    }
  });

  test("[core/shell-command-environment] programs find what they inherit, and nothing that keeps them from paging", async () => {
    await using scene = await commandScene({}, "0.140");
    expect(
      await run(scene, { command: 'echo "[$PAGER$CODEX_CI] ${CODEX_THREAD_ID%%-*}"' }),
    ).toMatch(/\n\[\] 01a1fa2c\n$/);
  });

  test("[core/shell-command-patch] a patch in a command is applied without a process", async () => {
    await using scene = await commandScene({}, "0.140");
    const patch = "*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch";
    const text = await run(scene, { command: `apply_patch <<'EOF'\n${patch}\nEOF` });
    expect(text).toMatch(
      /^Exit code: 0\nWall time: <s> seconds\nOutput:\nSuccess. Updated the following files:\nA new.txt\n$/,
    );
    expect(scene.emitted.map(({ type }) => type)).toEqual(["patch_apply_begin", "patch_apply_end"]);
  });
});

async function offered(
  options: SceneOptions,
): Promise<{ readonly names: readonly unknown[]; readonly outputs: readonly unknown[] }> {
  const call = (name: string, args: JsonObject, id: string): ReturnType<typeof functionCall> =>
    functionCall(name, args, id);
  await using scene = await startScene(
    [
      streamExchange([
        call("shell_command", { command: "echo one", login: false }, "call_1"),
        call("exec_command", { cmd: "echo one", login: false }, "call_2"),
      ]),
      messageExchange("Done."),
    ],
    options,
  );
  await scene.turn("go");
  const { input, tools } = scene.server.requests.at(-1)!.body as {
    readonly input: readonly JsonObject[];
    readonly tools: readonly JsonObject[];
  };
  const outputs = input.flatMap(({ output }) =>
    output === undefined ? [] : [/^[^\d"\\]*/.exec(JSON.stringify(output).slice(1))?.[0]],
  );
  return { names: tools.slice(0, 2).map(({ name }) => name), outputs };
}

describe("which tool runs commands", () => {
  test.each(["unified_exec", "shell_command", "default", "disabled"] as const)(
    "[core/shell-command-offered] as a model of the type %s and the setting have it",
    async (shell_type) => {
      const model = testModel({ shell_type });
      // Who knows its name can call it in any case.
      expect(await offered({ model })).toEqual({
        names: ["exec_command", "write_stdin"],
        outputs: ["Exit code: ", "Chunk ID: "],
      });
      expect(await offered({ model, unifiedExec: false })).toEqual(
        shell_type === "disabled"
          ? {
              names: ["update_plan", "request_user_input"],
              outputs: ["unsupported call: shell_command", "unsupported call: exec_command"],
            }
          : {
              names: ["shell_command", "update_plan"],
              outputs: ["Exit code: ", "unsupported call: exec_command"],
            },
      );
      expect(await offered({ model, unifiedExec: false, compatibility: "0.171" })).toEqual({
        names: ["exec_command", "write_stdin"],
        outputs: ["unsupported call: shell_command", "Chunk ID: "],
      });
    },
  );
});
