import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { createAppServer } from "@codex-ts/app-server";
import * as models from "@codex-ts/model-provider";

const info = models.createOssProviderWithBaseUrl("http://127.0.0.1:11434/v1");
const provider = models.createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" });
const model = models.fallbackModelInfo("any-model");
const cwd = tmpdir();
const common = { codexHome: cwd, cwd, installationId: "11111111-1111-4111-8111-111111111111" };
// The program around the server decides what its threads are made of.
const server = createAppServer({
  ...common,
  host: {
    threadOptions: async ({ client }) => ({ ...common, provider, model, originator: client.name }),
    model: async (slug) => slug,
    models: async () => [{ ...model, visibility: "list" }],
    config: async () => ({ config: {}, origins: {} }),
    account: async () => ({ account: null, requiresOpenaiAuth: false }),
    skills: async () => ({ skills: [], warnings: [] }),
  },
});
// A client: standard input and output of a process as a rule, here two streams.
const [input, output] = [new PassThrough(), new PassThrough({ encoding: "utf8" })];
const served = server.serve({ input, output });
const clientInfo = { name: "example", title: null, version: "1.0.0" };
input.write(`${JSON.stringify({ id: 1, method: "initialize", params: { clientInfo } })}\n`);
input.write(`${JSON.stringify({ id: 2, method: "model/list", params: {} })}\n`);
let received = "";
for await (const text of output) if ((received += text).includes('"id":2')) break;
input.end();
await served;
console.log(received.includes('"any-model"') ? "any-model is offered" : received);
