// Run by app-server-sdk.ts, in a directory in which the SDK is installed.
import { Output, generateText } from "ai";
import { createCodexExec } from "ai-sdk-provider-codex-cli";
import { z } from "zod";

const provider = createCodexExec({
  defaultSettings: {
    codexPath: process.env["CODEX_PROGRAM"],
    cwd: process.cwd(),
    env: { CODEX_HOME: process.env["CODEX_HOME"], SCRIPTED_KEY: process.env["SCRIPTED_KEY"] },
    skipGitRepoCheck: true,
    approvalMode: "never",
    sandboxMode: "danger-full-access",
  },
});
const model = provider("any-model");
let failed = 0;
function check(name, holds, shown) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} exec, ${name}: ${JSON.stringify(shown)}`);
}

const plain = await generateText({ model, prompt: "hi" });
check("text", plain.text === "Text of exec.", plain.text);
check("usage", plain.usage.inputTokens > 0, plain.usage.inputTokens);

const schema = z.object({ name: z.string(), age: z.number() });
const { output } = await generateText({ model, prompt: "json", output: Output.object({ schema }) });
check("structured output", output.name === "Bob" && output.age === 37, output);

/** One red dot. */
const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const seen = await generateText({
  model,
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image", image: Buffer.from(DOT, "base64"), mediaType: "image/png" },
      ],
    },
  ],
});
check("image", seen.text === "A red dot.", seen.text);
process.exitCode = failed === 0 ? 0 : 1;
