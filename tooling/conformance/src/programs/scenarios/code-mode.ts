import {
  customToolCall,
  functionCall,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Script, ServerEvent } from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";
import { late } from "./late.ts";

const script = (callId: string, source: string): ServerEvent =>
  customToolCall("exec", source, callId);
const wait = (callId: string, args: Parameters<typeof functionCall>[1]): ServerEvent =>
  functionCall("wait", args, callId);

/** One call after the other, each in a response of its own. */
function oneByOne(...calls: readonly ServerEvent[]): Script {
  return [
    ...calls.map((call, index) =>
      index === 0 ? streamExchange([call]) : late(streamExchange([call])),
    ),
    late(messageExchange("Done.")),
  ];
}

const codeMode = (name: string, calls: Script): LiveScenario => ({
  name,
  script: calls,
  features: ["code_mode"],
  model: { tool_mode: "code_mode" },
  config: "include_permissions_instructions = false\nsuppress_unstable_features_warning = true",
});

const PATCH = "*** Begin Patch\\n*** Add File: n.txt\\n+n\\n*** End Patch";

/** Scripts of the model that call tools, of every kind there is. */
export const CODE_MODE_SCENARIOS: readonly LiveScenario[] = [
  codeMode(
    "code-mode-scripts",
    oneByOne(
      script(
        "call_1",
        'text("a"); text({ x: [1] }); text(undefined); text(null); text(12.5); text(() => 1);',
      ),
      script("call_2", 'text("before"); throw new Error("boom");'),
      script("call_3", 'throw "just text";'),
      script("call_4", 'await Promise.reject(new TypeError("nope"));'),
      script("call_5", 'Promise.reject(new Error("lost")); text("still");'),
      script("call_6", 'text("before"); exit(); text("after");'),
      script("call_7", 'store("k", { a: [1, 2] }); text(load("k")); text(load("none"));'),
      script("call_8", 'text(load("k"));'),
      script("call_9", "await tools.nope({});"),
      script("call_10", "const = 3;"),
      script("call_11", 'import fs from "fs"; text("x");'),
      script("call_12", "const nothing = 1;"),
      script("call_13", " "),
      script("call_14", '// @exec: {"foo": 1}\ntext("x")'),
      script(
        "call_15",
        '// @exec: {"max_output_tokens": 20}\nfor (let i = 0; i < 50; i++) text("line number " + i);',
      ),
      script(
        "call_16",
        'image("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="); text("end");',
      ),
      script(
        "call_17",
        'setTimeout(() => text("never"), 60000); clearTimeout(setTimeout(() => text("no"), 1)); await new Promise((r) => setTimeout(r, 20)); text("waited");',
      ),
      script(
        "call_18",
        'text(["console", "require", "process", "fetch"].map((name) => typeof globalThis[name]).join());',
      ),
    ),
  ),
  codeMode(
    "code-mode-calls",
    oneByOne(
      script(
        "call_1",
        `const r = await tools.exec_command({ cmd: "echo nested; exit 3" }); text(r.output + r.exit_code); text(await tools.apply_patch("${PATCH}"));`,
      ),
      script(
        "call_2",
        'for (const call of [() => tools.exec_command({}), () => tools.exec_command("x"), () => tools.apply_patch({}), () => tools.write_stdin({ session_id: 5 })]) { try { await call(); } catch (error) { text(error); } }',
      ),
      script("call_3", 'tools.exec_command({ cmd: "touch unawaited" }); text("done");'),
      script("call_4", 'text(await tools.exec_command({ cmd: "ls" }).then((r) => r.output));'),
      script("call_5", 'text("n1"); notify("hello"); text("n2");'),
    ),
  ),
  codeMode(
    "code-mode-wait",
    oneByOne(
      script("call_1", '// @exec: {"yield_time_ms": 300}\ntext("s"); while (true) {}'),
      wait("call_2", { cell_id: "1", yield_time_ms: 200 }),
      wait("call_3", { cell_id: "1", terminate: true }),
      wait("call_4", { cell_id: "1" }),
      script("call_5", 'text("a"); yield_control(); text("b"); throw new Error("late");'),
      wait("call_6", { cell_id: "2", yield_time_ms: 20000 }),
      wait("call_7", { cell_id: "zz" }),
      wait("call_8", { cell_id: 7 }),
      script("call_9", 'text("x"); yield_control(); await new Promise(() => {});'),
    ),
  ),
];
