import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createAppServer } from "@codex-ts/app-server";
import * as provider from "@codex-ts/model-provider";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";

const api = await startResponsesServer({ script: [messageExchange(["Hello", " there."])] });
const home = await mkdtemp(join(tmpdir(), "example-"));
const info = provider.createOssProviderWithBaseUrl(api.url);
const local = provider.createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" });
const model = provider.fallbackModelInfo("any-model");
const installationId = "11111111-1111-4111-8111-111111111111";

// The program around the server decides what its threads are made of.
const server = createAppServer({
  codexHome: home,
  cwd: home,
  installationId,
  host: {
    threadOptions: async ({ cwd = home, client }) => ({
      provider: local,
      model,
      cwd,
      codexHome: home,
      installationId,
      originator: client.name,
    }),
    model: async (slug) => slug,
    models: async () => [model],
    config: async () => ({ config: {}, origins: {} }),
    account: async () => ({ account: null, requiresOpenaiAuth: false }),
    skills: async () => ({ skills: [], warnings: [] }),
  },
});

// A client: standard input and output of a process as a rule, here two streams.
const [input, output] = [new PassThrough(), new PassThrough({ encoding: "utf8" })];
const served = server.serve({ input, output });
const send = (message: object): boolean => input.write(`${JSON.stringify(message)}\n`);
const clientInfo = { name: "example", title: null, version: "1.0.0" };
send({ id: 1, method: "initialize", params: { clientInfo } });
send({ id: 2, method: "thread/start", params: {} });
for await (const lines of output) {
  for (const line of String(lines).trimEnd().split("\n")) {
    const { id, method, params, result } = JSON.parse(line);
    if (method === "item/agentMessage/delta") console.log(method, params.delta);
    if (method === "turn/completed") console.log(method, params.turn.status);
    if (method === "turn/completed") input.end();
    if (id !== 2) continue;
    const text = { type: "text", text: "Hi!" };
    send({ id: 3, method: "turn/start", params: { threadId: result.thread.id, input: [text] } });
  }
  if (input.writableEnded) break;
}
await served;
await api.close();
