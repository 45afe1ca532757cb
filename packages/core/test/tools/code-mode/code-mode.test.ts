import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineTool } from "@codex-ts/core";
import type { Compatibility, JsonObject, ModelInfo } from "@codex-ts/protocol";
import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";
import { readRawBundle, reduceStrictly } from "../../support/bundle.ts";
import { ofType, startScene, testModel } from "../../support/harness.ts";
import type { Scene, SceneOptions } from "../../support/harness.ts";
import { TINY_PNG } from "../../support/mcp/mcp-answers.ts";

const PNG = `data:image/png;base64,${TINY_PNG}`;

/** A busy machine starts a thread slowly. */
const TIMEOUT_MS = 60_000;

const script = (source: string, callId: string): ReturnType<typeof customToolCall> =>
  customToolCall("exec", source, callId);

const wait = (args: JsonObject, callId: string): ReturnType<typeof functionCall> =>
  functionCall("wait", args, callId);

/** A turn in which the model makes these calls, each in a response of its own. */
const oneByOne = (...calls: ReturnType<typeof functionCall>[]): Exchange[] => [
  ...calls.map((call) => streamExchange([call])),
  messageExchange("Done."),
];

const start = (
  exchanges: Exchange[],
  options: SceneOptions = {},
  schema: 1 | 2 | 3 = 3,
): Promise<Scene> =>
  startScene(
    exchanges,
    { codeMode: "with_tools", compatibility: "0.171", model: patchingModel(), ...options },
    schema,
  );

const patchingModel = (changes: Partial<ModelInfo> = {}): ModelInfo =>
  testModel({ apply_patch_tool_type: "freeform", ...changes });

function body(scene: Scene, index: number): JsonObject {
  return scene.server.requests.at(index)?.body as JsonObject;
}

/** The outputs the last request shows, by call id; without the seconds. */
function outputs(scene: Scene): Record<string, unknown> {
  const input = body(scene, -1)["input"] as Record<string, string | undefined>[];
  const found: Record<string, unknown> = {};
  for (const { type, call_id: callId, name, output } of input) {
    if (type?.endsWith("_output") !== true) continue;
    found[name === undefined ? `${callId}` : `${callId} notice ${output}`] = short(output);
  }
  return found;
}

/** `Script completed` and the texts after it. */
function short(output: unknown): unknown {
  const parts = typeof output === "string" ? [{ text: output }] : (output as { text?: string }[]);
  return parts.map((part) =>
    part.text === undefined
      ? part
      : part.text.replace(/^(Script .*)\nWall time [\d.]+ seconds\nOutput:\n$/, "$1"),
  );
}

test.each<{ compatibility: Compatibility; schema: 1 | 2 | 3 }>([
  { compatibility: "0.140", schema: 1 },
  { compatibility: "0.171", schema: 3 },
])(
  "[core/code-mode-exec] [core/code-mode-trace] a script of $compatibility calls tools at once, and the trace has its cell and their calls",
  async ({ compatibility, schema }) => {
    const source = [
      "const [slow, quick] = await Promise.all([",
      '  tools.exec_command({ cmd: "until [ -e quick ]; do sleep 0.05; done; echo slow" }),',
      '  tools.exec_command({ cmd: "touch quick; echo quick; exit 3" }),',
      "]);",
      "text(slow.output + quick.output + quick.exit_code);",
      'text(await tools.apply_patch("*** Begin Patch\\n*** Add File: n.txt\\n+n\\n*** End Patch"));',
      'try { await tools.exec_command({}); } catch (error) { text(typeof error + ": " + error); }',
      "try { await tools.apply_patch({}); } catch (error) { text(error); }",
    ].join("\n");
    await using scene = await start(
      oneByOne(script(`// @exec: {"yield_time_ms": 30000}\n${source}`, "call_1")),
      { compatibility },
      schema,
    );
    const events = await scene.turn("go");
    expect(outputs(scene)).toEqual({
      call_1: [
        "Script completed",
        "slow\nquick\n3",
        "{}",
        "string: failed to parse function arguments: missing field `cmd`",
        "tool `apply_patch` expects a string input",
      ],
    });
    const shown = ofType(events, "itemCompleted").map(({ item }) => item.type);
    expect(shown.toSorted()).toEqual([
      "agent_message",
      "command_execution",
      "command_execution",
      "file_change",
    ]);
    await scene.thread.close();

    const bundle = readRawBundle(scene.thread.bundlePath);
    const cells = bundle.events
      .map(({ payload }) => payload)
      .filter(({ type }) => type.startsWith("code_cell"));
    expect(cells).toMatchObject([
      {
        type: "code_cell_started",
        runtime_cell_id: "1",
        model_visible_call_id: "call_1",
        source_js: source,
      },
      { type: "code_cell_initial_response", status: "completed" },
      { type: "code_cell_ended", status: "completed" },
    ]);
    const nested = bundle
      .of("tool_call_started")
      .filter(({ requester }) => requester.type === "code_cell");
    expect(nested).toMatchObject([
      {
        code_mode_runtime_tool_id: "tool-1",
        model_visible_call_id: null,
        kind: { type: "exec_command" },
      },
      { code_mode_runtime_tool_id: "tool-2", requester: { runtime_cell_id: "1" } },
      { code_mode_runtime_tool_id: "tool-3", kind: { type: "apply_patch" } },
      { code_mode_runtime_tool_id: "tool-4" },
    ]);
    expect(new Set(nested.map(({ tool_call_id: id }) => id.slice(0, 5)))).toEqual(
      new Set(["exec-"]),
    );
    const ends = bundle
      .of("tool_call_ended")
      .filter(({ tool_call_id: id }) => id.startsWith("exec-"));
    expect(ends.map(({ status }) => status).toSorted()).toEqual([
      "completed",
      "completed",
      "completed",
      "failed",
    ]);
    const values = ends.map((end) => bundle.payload(end.result_payload));
    expect(values).toContainEqual({ type: "code_mode_response", value: {} });
    expect(values).toContainEqual({
      type: "code_mode_response",
      value: expect.objectContaining({ exit_code: 3, output: "quick\n", original_token_count: 2 }),
    });
    const modelCalls = bundle
      .of("tool_call_started")
      .filter(({ requester }) => requester.type === "model");
    expect(modelCalls.map(({ kind }) => kind)).toEqual(
      schema === 1 ? [] : [{ type: "other", name: "exec" }],
    );
    const state = await reduceStrictly(scene.thread);
    expect(state.code_cells["code_cell:call_1"]).toMatchObject({
      runtime_status: "completed",
      nested_tool_call_ids: nested.map(({ tool_call_id: id }) => id),
    });
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-wait] a script that yields is read on by wait, until it ends or is ended",
  async () => {
    await using scene = await start(
      oneByOne(
        script(
          "text('a'); yield_control(); text('b'); await new Promise((r) => setTimeout(r, 50)); throw new Error('late');",
          "call_1",
        ),
        wait({ cell_id: "1", yield_time_ms: 20_000 }, "call_2"),
        wait({ cell_id: "1" }, "call_3"),
        script('// @exec: {"yield_time_ms": 200}\ntext("s"); while (true) {}', "call_4"),
        wait({ cell_id: "2", yield_time_ms: 100 }, "call_5"),
        wait({ cell_id: "2", terminate: true }, "call_6"),
        wait({ cell_id: 7 }, "call_7"),
        wait({}, "call_8"),
      ),
    );
    await scene.turn("go");
    expect(outputs(scene)).toEqual({
      call_1: ["Script running with cell ID 1", "a"],
      call_2: [
        "Script failed",
        "b",
        expect.stringMatching(/^Script error:\nError: late\n {4}at exec_main.mjs:1:/),
      ],
      call_3: ["Script failed", "Script error:\nexec cell 1 not found"],
      call_4: ["Script running with cell ID 2", "s"],
      call_5: ["Script running with cell ID 2"],
      call_6: ["Script terminated"],
      call_7: ["failed to parse function arguments: invalid type of `cell_id`, expected a string"],
      call_8: ["failed to parse function arguments: missing field `cell_id`"],
    });
    await scene.thread.close();
    const bundle = readRawBundle(scene.thread.bundlePath);
    expect(bundle.of("code_cell_wait_target_resolved")).toMatchObject([
      { tool_call_id: "call_2", runtime_cell_id: "1" },
      { tool_call_id: "call_5", runtime_cell_id: "2" },
      { tool_call_id: "call_6", runtime_cell_id: "2" },
    ]);
    expect(bundle.of("code_cell_ended").map(({ status }) => status)).toEqual([
      "failed",
      "terminated",
    ]);
    const state = await reduceStrictly(scene.thread);
    expect(state.code_cells["code_cell:call_4"]).toMatchObject({
      runtime_status: "terminated",
      wait_tool_call_ids: ["call_5", "call_6"],
    });
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-globals] scripts of a session store values for each other, show images and notify",
  async () => {
    await using scene = await start(
      oneByOne(
        script(
          `store("k", { a: [1] }); text(load("none")); image(${JSON.stringify(PNG)}, "high"); notify({ at: 1 }); text("end");`,
          "call_1",
        ),
        script(
          'text(load("k")); text(ALL_TOOLS.map(({ name }) => name)); await tools.nope();',
          "call_2",
        ),
      ),
    );
    await scene.turn("go");
    expect(outputs(scene)).toEqual({
      call_1: [
        "Script completed",
        "undefined",
        { type: "input_image", image_url: PNG, detail: "high" },
        "end",
      ],
      'call_1 notice {"at":1}': ['{"at":1}'],
      call_2: [
        "Script failed",
        '{"a":[1]}',
        '["apply_patch","exec_command","view_image","write_stdin"]',
        expect.stringContaining("Script error:\nTypeError: tools.nope is not a function"),
      ],
    });
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-output] output beyond the budget is cut as that of commands is",
  async () => {
    const lines = 'for (let i = 0; i < 50; i++) text("line number " + i);';
    await using scene = await start(
      oneByOne(script(`// @exec: {"max_output_tokens": 20}\n${lines}`, "call_1")),
    );
    await scene.turn("go");
    expect(outputs(scene)["call_1"]).toEqual([
      "Script completed",
      "Warning: truncated output (original token count: 185)\nTotal output lines: 50\n\nline number 0\nline number 1\nline number …165 tokens truncated… number 47\nline number 48\nline number 49",
    ]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-stop] interruption ends the scripts of the thread and their commands",
  async () => {
    await using scene = await start([
      streamExchange([script("yield_control(); await new Promise(() => {});", "call_1")]),
      streamExchange([
        script(
          'text("s"); await tools.exec_command({ cmd: "echo $$ > pid; exec sleep 300" });',
          "call_2",
        ),
      ]),
      ...oneByOne(wait({ cell_id: "1" }, "call_3"), wait({ cell_id: "2" }, "call_4")),
    ]);
    const turn = scene.thread.runTurn("go");
    const result = turn.result();
    const pid = await waitFor(() => {
      try {
        return Number(readFileSync(join(scene.folder, "pid"), "utf8")) || undefined;
      } catch {
        return undefined;
      }
    });
    await scene.thread.interrupt();
    expect((await result).type).toBe("turnAborted");
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await scene.turn("again");
    expect(outputs(scene)).toMatchObject({
      call_3: ["Script failed", "Script error:\nexec cell 1 not found"],
      call_4: ["Script failed", "Script error:\nexec cell 2 not found"],
    });
    await scene.thread.close();
    const ends = readRawBundle(scene.thread.bundlePath).of("tool_call_ended");
    expect(ends.filter(({ tool_call_id: id }) => id.startsWith("exec-"))).toMatchObject([
      { status: "aborted", result_payload: null },
    ]);
    const state = await reduceStrictly(scene.thread);
    expect(state.code_cells["code_cell:call_2"]).toMatchObject({ runtime_status: "terminated" });
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-stop] a script outlives its turn, and closing the thread ends it",
  async () => {
    await using scene = await start([
      ...oneByOne(
        script(
          'yield_control(); await new Promise((r) => setTimeout(r, 300)); await tools.exec_command({ cmd: "touch later" }); while (true) {}',
          "call_1",
        ),
      ),
      ...oneByOne(wait({ cell_id: "1", yield_time_ms: 2000 }, "call_2")),
    ]);
    await scene.turn("go");
    const first = scene.thread.runTurn("again");
    expect((await first.result()).type).toBe("turnCompleted");
    expect(readFileSync(join(scene.folder, "later"), "utf8")).toBe("");
    expect(outputs(scene)["call_2"]).toEqual(["Script running with cell ID 1"]);
    await scene.thread.close();
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-only] a model made for code mode alone is offered scripts alone, and reads in them of its tools",
  async () => {
    const weather = defineTool({
      name: "get-weather",
      description: "Weather of a city.",
      parameters: z.object({ city: z.string() }),
      execute: ({ city }) => `${city}: 7 C`,
    });
    await using scene = await startScene(
      oneByOne(
        script('text(await tools.get_weather({ city: "Oslo" }));', "call_1"),
        functionCall("exec_command", { cmd: "true" }, "call_2"),
      ),
      {
        compatibility: "0.171",
        model: patchingModel({ tool_mode: "code_mode_only" }),
        tools: [weather],
      },
    );
    await scene.turn("go");
    const tools = body(scene, 0)["tools"] as JsonObject[];
    expect(tools.map(({ name }) => name)).toEqual(["exec", "wait", "request_user_input"]);
    expect(tools[0]?.["description"]).toContain("get_weather(args: { city: string; })");
    expect(outputs(scene)).toEqual({
      call_1: ["Script completed", "Oslo: 7 C"],
      call_2: ["unsupported call: exec_command"],
    });
  },
  TIMEOUT_MS,
);

test("[core/code-mode-plain] beside code mode the tools are offered as ever; without it there is no exec", async () => {
  await using beside = await start([messageExchange("Done.")]);
  await beside.turn("go");
  const names = (scene: Scene): unknown[] =>
    (body(scene, 0)["tools"] as JsonObject[]).map(({ name }) => name);
  const direct = ["exec_command", "write_stdin", "request_user_input", "apply_patch", "view_image"];
  expect(names(beside)).toEqual(["exec", "wait", ...direct]);
  await using off = await start([messageExchange("Done.")], {
    codeMode: "off",
    model: patchingModel({ tool_mode: "code_mode_only" }),
  });
  await off.turn("go");
  expect(names(off)).toEqual(direct);
});
