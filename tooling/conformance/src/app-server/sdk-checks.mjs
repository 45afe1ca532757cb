// Run by app-server-sdk.ts, in a directory in which the SDK is installed.
import { Output, generateText, streamText } from "ai";
import { createCodexAppServer } from "ai-sdk-provider-codex-cli";
import { z } from "zod";

const provider = createCodexAppServer({
  defaultSettings: {
    codexPath: process.env["CODEX_PROGRAM"],
    cwd: process.cwd(),
    env: { CODEX_HOME: process.env["CODEX_HOME"], SCRIPTED_KEY: process.env["SCRIPTED_KEY"] },
    approvalPolicy: "never",
    sandboxPolicy: "danger-full-access",
  },
});
const model = provider("any-model");
let failed = 0;
function check(name, holds, shown) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${name}: ${JSON.stringify(shown)}`);
}

try {
  const plain = await generateText({ model, prompt: "hi" });
  check("text", plain.text === "Plain text.", plain.text);

  const parts = [];
  for await (const part of streamText({ model, prompt: "hi" }).textStream) parts.push(part);
  check("stream", parts.length > 1 && parts.join("") === "Streamed text.", parts);

  const kinds = new Set();
  let said = "";
  for await (const part of streamText({ model, prompt: "use the tool" }).fullStream) {
    kinds.add(part.type);
    if (part.type === "text-delta") said += part.text;
  }
  check("tool", kinds.has("tool-call") && kinds.has("tool-result") && said.includes("from-tool"), [
    ...kinds,
  ]);

  const schema = z.object({ name: z.string(), age: z.number() });
  const { output } = await generateText({
    model,
    prompt: "json",
    output: Output.object({ schema }),
  });
  check("structured output", output.name === "Ada" && output.age === 36, output);

  const abort = new AbortController();
  const endless = streamText({
    model,
    prompt: "endless",
    abortSignal: abort.signal,
    onError: () => {},
  });
  const began = [];
  try {
    for await (const part of endless.textStream) {
      began.push(part);
      abort.abort();
    }
  } catch {
    // An SDK may say it as an error, too.
  }
  check("abort", abort.signal.aborted, began);

  const after = await generateText({ model, prompt: "again" });
  check("after the abort", after.text === "After the abort.", after.text);
} finally {
  await provider.close();
}
process.exitCode = failed === 0 ? 0 : 1;
