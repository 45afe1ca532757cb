import * as api from "@codex-ts/api";
import * as scripted from "@codex-ts/responses-server";

// One response in which every event occurs.
const moderation = { openai_chatgpt_moderation_metadata: { flagged: false } };
const verification = { openai_verification_recommendation: ["trusted_access_for_cyber"] };
const server = await scripted.startResponsesServer({
  script: [
    scripted.streamExchange(
      [
        scripted.metadata({ metadata: { ...moderation, ...verification } }),
        scripted.streamedReasoning({ summary: ["Look it up."], content: ["Hm."] }),
        scripted.streamedMessage("Let me look."),
        scripted.streamedCustomToolCall("sql", "select 1", "call_1"),
        scripted.rawEvent({ type: "response.hologram", frames: 3 }),
        scripted.rawEvent({ type: "response.output_item.done", item: { text: "?" } }),
      ],
      {
        headers: {
          "x-models-etag": "etag-1",
          "x-reasoning-included": "true",
          "x-codex-primary-used-percent": "12",
          "x-codex-primary-window-minutes": "300",
        },
      },
    ),
  ],
});
const client = new api.ResponsesClient({
  provider: { name: "demo", baseUrl: server.url, ...api.DEFAULT_PROVIDER_SETTINGS },
  auth: { addAuthHeaders: (headers) => headers.set("authorization", "Bearer my-key") },
});
const request = { ...api.DEFAULT_REQUEST_SETTINGS, model: "any-model", input: [] };
const seen = new Set<string>();
for await (const event of await client.stream(request)) {
  if (!seen.has(event.type)) console.log(JSON.stringify(event));
  seen.add(event.type);
}
await server.close();
