import type { JsonObject } from "@codex-ts/protocol";
import { functionSpec, text } from "../function-spec.ts";

/** The form of an input, for servers that hold a model to it. */
const GRAMMAR = String.raw`start: with_settings | SCRIPT
with_settings: SETTINGS LF SCRIPT
SETTINGS: /[ \t]*\/\/ @exec:[^\r\n]*/
LF: /\r?\n/
SCRIPT: /[\s\S]+/
`;

const HELPERS = [
  "`text(value)` shows a value to you; what is no text is written as JSON",
  '`image(source, detail?)` shows an image: a `data:` URL, an object with `image_url`, or an image block of an MCP result; `detail` is "auto", "low", "high" or "original"',
  "`generatedImage(result)` shows the result of an image generation",
  "`store(key, value)` keeps a value that JSON can hold, and `load(key)` returns it, also in later scripts of this session",
  "`notify(value)` sends you something at once, beside the output of the script",
  "`yield_control()` hands what was shown so far to you while the script goes on",
  "`exit()` ends the script at once, as a success",
  "`setTimeout(callback, ms)` and `clearTimeout(id)`; a script does not wait for timeouts that nothing awaits",
  "`ALL_TOOLS` lists the tools as `{ name, description }`",
];

/** Definition of `exec` in requests. `tools`: descriptions of those a model has no other way to call; may be empty. */
export function execSpec(defaultYieldMs: number, tools: string): JsonObject {
  const description = [
    "Run a script in JavaScript that calls tools, in one step instead of many. The input is the script itself: no JSON, no quotes, no code fence.",
    "",
    "- It runs as a module with top-level `await`, in an isolate of its own: no Node, no files, no network, no console, no imports.",
    '- Tools are functions of the object `tools`: `const result = await tools.exec_command({ cmd: "ls" })`. They take one argument, an object or a text, and return a promise of an object or a text; one that fails rejects with a text. `Promise.all` runs several at once.',
    "- A script that ends leaves unawaited calls undone.",
    `- The first line may hold settings: \`// @exec: {"yield_time_ms": 10000, "max_output_tokens": 1000}\`. A script that runs longer than \`yield_time_ms\` (default ${defaultYieldMs}) goes on in the background, and \`wait\` reads on; \`max_output_tokens\` (default 10000) limits the output.`,
    "",
    "Further globals:",
    ...HELPERS.map((helper) => `- ${helper}`),
    "",
    "Tools that are described nowhere are in `ALL_TOOLS` all the same: look for them there by name and description. Which tools there are can change between calls.",
    ...(tools === "" ? [] : ["", tools]),
  ].join("\n");
  return {
    type: "custom",
    name: "exec",
    description,
    format: { type: "grammar", syntax: "lark", definition: GRAMMAR },
  };
}

/** Definition of `wait` in requests. */
export const WAIT_SPEC: JsonObject = functionSpec(
  "wait",
  "Wait for a script that `exec` reported as running, and return what it has shown since, or its end. Only for cell ids that `exec` has returned.",
  {
    cell_id: text("Cell id that `exec` returned."),
    max_tokens: { type: "number", description: "Most tokens of output to return. Default 10000." },
    terminate: { type: "boolean", description: "End the script instead. Default false." },
    yield_time_ms: {
      type: "number",
      description: "How long to wait for the script to end. Default 10000.",
    },
  },
  ["cell_id"],
);
