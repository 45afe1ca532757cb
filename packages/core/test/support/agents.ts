import { completed, created, itemDone, messageItem } from "@codex-ts/responses-server";
import type { ReceivedRequest, Script, Step, StreamReply } from "@codex-ts/responses-server";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { AgentEvent, TurnEvent } from "@codex-ts/core";
import { blobOf } from "./request-shape.ts";

/** A finished call of a tool in the namespace of 0.171's agents. */
export function agentCall(name: string, args: JsonObject, callId: string): Step {
  return call("collaboration", name, args, callId);
}

/** The same for agents that are called by id. */
export function agentCallById(name: string, args: JsonObject, callId: string): Step {
  return call("multi_agent_v1", name, args, callId);
}

function call(namespace: string, name: string, args: JsonObject, callId: string): Step {
  return itemDone({
    type: "function_call",
    id: `fc_${callId}`,
    call_id: callId,
    name,
    namespace,
    arguments: JSON.stringify(args),
  });
}

/** A whole response. */
export function replyWith(...steps: readonly Step[]): StreamReply {
  return { events: [created(), ...steps, completed()] };
}

/** A response that is one message. */
export function say(text: string, phase?: "commentary" | "final_answer"): StreamReply {
  return replyWith(itemDone(messageItem(text, { phase })));
}

/** What each agent is answered, in order, by its path. Requests of 0.171 name it. */
export function byAgent(replies: Readonly<Record<string, readonly StreamReply[]>>): Script {
  return Object.entries(replies).flatMap(([path, ofAgent]) =>
    ofAgent.map((reply) => ({
      ...reply,
      when: (request: ReceivedRequest) => blobOf(request)["agent_name"] === path,
    })),
  );
}

/** What the thread and those it starts are answered. */
export function rootAndOthers(
  root: readonly StreamReply[],
  others: readonly StreamReply[],
): Script {
  const isOther = (request: ReceivedRequest): boolean =>
    request.header("x-openai-subagent") !== undefined;
  return [
    ...root.map((reply) => ({ ...reply, when: (request: ReceivedRequest) => !isOther(request) })),
    ...others.map((reply) => ({ ...reply, when: isOther })),
  ];
}

/** The output of each call a request shows, by call id. */
export function outputsOf(request: ReceivedRequest | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputOf(request).flatMap((item) =>
      item["type"] === "function_call_output" && typeof item["call_id"] === "string"
        ? [[item["call_id"], textOf(item["output"])]]
        : [],
    ),
  );
}

/** Messages of agents in a request: author, and all their texts. */
export function mailOf(request: ReceivedRequest | undefined): string[] {
  return inputOf(request)
    .filter((item) => item["type"] === "agent_message")
    .map((item) => `${textOf(item["author"])}: ${textsOf(item["content"]).join("|")}`);
}

function textsOf(content: JsonValue | undefined): string[] {
  return (Array.isArray(content) ? (content as JsonValue[]) : []).map((part) =>
    isJsonObject(part) ? textOf(part["text"] ?? part["encrypted_content"]) : "",
  );
}

function inputOf(request: ReceivedRequest | undefined): JsonObject[] {
  const body = request?.body;
  const input = isJsonObject(body) ? body["input"] : undefined;
  return Array.isArray(input) ? (input as JsonObject[]) : [];
}

/** Requests of one agent. */
export function requestsOf(
  requests: readonly ReceivedRequest[],
  path: string,
): readonly ReceivedRequest[] {
  return requests.filter((request) => blobOf(request)["agent_name"] === path);
}

export function isAgentEvent(event: TurnEvent): event is AgentEvent {
  return event.type === "agentEvent";
}

/** Names of the tools a request offers; a namespace is one. */
export function toolNamesOf(request: ReceivedRequest | undefined): string[] {
  const body = request?.body;
  const tools = isJsonObject(body) ? body["tools"] : undefined;
  return (Array.isArray(tools) ? (tools as JsonObject[]) : []).map(({ name }) => textOf(name));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
