import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createThread } from "@codex-ts/core";
import { createModelProvider, selectModelProvider } from "@codex-ts/model-provider";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// The application's OpenTelemetry. An exporter over OTLP in place of this one sends the spans to a backend.
const exporter = new InMemorySpanExporter();
const spanProcessors = [new SimpleSpanProcessor(exporter)];
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));

const usage = { input_tokens: 1200, output_tokens: 30 };
const server = await startResponsesServer({
  script: [
    errorExchange(503, { requestId: "req_1" }),
    messageExchange("Hello.", { requestId: "req_2", usage }),
  ],
});
const mine = { name: "Mine", base_url: server.url, env_key: "MINE_API_KEY" };
const config = { model_provider: "mine", model_providers: { mine } };
const env = { MINE_API_KEY: "sk-secret" };
const { id, info } = selectModelProvider({ config, env, clientVersion: "1.0.0" });
const thread = await createThread({
  provider: createModelProvider({ id, info, env, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  // An observer sees every attempt on the wire, with the headers of both directions.
  observeTransport: () => ({
    onAttemptEnded({ endpoint, attemptNumber, status, retry, requestHeaders }) {
      const authorization = new Map(requestHeaders).get("authorization");
      console.log({ endpoint, attemptNumber, status, willRetry: retry.willRetry, authorization });
    },
  }),
});
for await (const event of thread.runTurn("Say hello."))
  if (event.type === "turnFailed") console.log(event.error.message);
await thread.close();
await server.close();

// One span per request of the turn; it took two attempts here.
for (const { name, attributes } of exporter.getFinishedSpans()) {
  console.log(name);
  for (const key of Object.keys(attributes).toSorted())
    if (/status|gen_ai|upstream|auth/.test(key)) console.log(` ${key}:`, attributes[key]);
}
trace.disable();
