import { createOpenAI } from "@ai-sdk/openai";
import { Agent, OpenAIProvider, Runner, tool as agentTool } from "@openai/agents";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { generateText, isStepCount, streamText, tool as aiTool } from "ai";
import OpenAI from "openai";
import type {
  FunctionTool,
  Response,
  ResponseInput,
  ResponsesClientEvent,
} from "openai/resources/responses/responses";
import { ResponsesWS } from "openai/resources/responses/ws";
import { z } from "zod";

/** What a program that uses a client gets out of one conversation. */
interface ClientResult {
  readonly text: string;
  /** Tokens of all requests together. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** A client as its documentation says to use it, with one tool and without retries. */
export interface ThirdPartyClient {
  readonly name: string;
  readonly transport: "http" | "websocket";
  /** Holds one conversation; the client or, where it has none, a loop here runs the tool. */
  readonly ask: (server: ResponsesServer, readFile: ReadFile) => Promise<ClientResult>;
  /** Members of the error that the client throws for a refusal. */
  readonly errorOf: (refusal: Refusal) => object;
}

/** An error as the server answers with it. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

type ReadFile = (path: string) => string;

const MODEL = "gpt-test";
const QUESTION = "What is in notes.txt?";
const TOOL = "read_file";
const DESCRIPTION = "Reads a file.";
const PARAMETERS = z.object({ path: z.string() });

export const THIRD_PARTY_CLIENTS: readonly ThirdPartyClient[] = [
  {
    name: "openai, responses.create",
    transport: "http",
    ask: (server, readFile) => {
      const { responses } = openai(server);
      return loop(readFile, (input) =>
        responses.create({ model: MODEL, input, tools: [TOOL_SPEC] }),
      );
    },
    errorOf: openaiError,
  },
  {
    name: "openai, responses.stream",
    transport: "http",
    ask: (server, readFile) => {
      const { responses } = openai(server);
      return loop(readFile, (input) =>
        responses.stream({ model: MODEL, input, tools: [TOOL_SPEC] }).finalResponse(),
      );
    },
    errorOf: openaiError,
  },
  {
    name: "openai, ResponsesWS",
    transport: "websocket",
    ask: async (server, readFile) => {
      const socket = new ResponsesWS(openai(server));
      try {
        return await loop(readFile, (input) =>
          responseOver(socket, {
            type: "response.create",
            model: MODEL,
            input,
            tools: [TOOL_SPEC],
          }),
        );
      } finally {
        socket.close();
      }
    },
    errorOf: ({ status, code, message, requestId }) => ({
      message,
      error: {
        type: "error",
        status,
        error: { code, message },
        headers: { "x-request-id": requestId },
      },
    }),
  },
  {
    name: "ai, generateText",
    transport: "http",
    ask: async (server, readFile) => {
      const { text, usage } = await generateText(aiCall(server, readFile));
      return { text, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
    },
    errorOf: aiError,
  },
  {
    name: "ai, streamText",
    transport: "http",
    ask: async (server, readFile) => {
      let failure: unknown;
      const result = streamText({
        ...aiCall(server, readFile),
        onError: ({ error }) => {
          failure = error;
        },
      });
      let text = "";
      for await (const part of result.textStream) text += part;
      if (failure !== undefined) throw failure;
      const usage = await result.totalUsage;
      return { text, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
    },
    errorOf: aiError,
  },
  {
    name: "@openai/agents, run",
    transport: "http",
    ask: async (server, readFile) => {
      const { runner, agent } = agents(server, readFile, "http");
      const result = await runner.run(agent, QUESTION);
      return agentResult(result.finalOutput, result.state.usage);
    },
    errorOf: openaiError,
  },
  {
    name: "@openai/agents, stream",
    transport: "http",
    ask: async (server, readFile) => {
      const { runner, agent } = agents(server, readFile, "http");
      const result = await runner.run(agent, QUESTION, { stream: true });
      let text = "";
      for await (const part of result.toTextStream()) text += part;
      await result.completed;
      return agentResult(text, result.state.usage);
    },
    errorOf: openaiError,
  },
  {
    name: "@openai/agents, WebSocket",
    transport: "websocket",
    ask: async (server, readFile) => {
      const { runner, agent, provider } = agents(server, readFile, "websocket");
      try {
        const result = await runner.run(agent, QUESTION);
        return agentResult(result.finalOutput, result.state.usage);
      } finally {
        await provider.close();
      }
    },
    // This client keeps the event to itself.
    errorOf: () => ({
      name: "ModelBehaviorError",
      message: 'OpenAI Responses request ended with unsuccessful terminal state "error".',
    }),
  },
];

function openaiError({ status, code, message, requestId }: Refusal): object {
  return { status, code, requestID: requestId, message: `${status} ${message}` };
}

function aiError({ status, code, message, requestId }: Refusal): object {
  return {
    statusCode: status,
    message,
    data: { error: { code, message } },
    responseHeaders: { "x-request-id": requestId },
  };
}

const TOOL_SPEC: FunctionTool = {
  type: "function",
  name: TOOL,
  description: DESCRIPTION,
  strict: true,
  parameters: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
};

function openai(server: ResponsesServer): OpenAI {
  return new OpenAI({ baseURL: server.url, apiKey: "sk-test-key", maxRetries: 0 });
}

/** The tool loop that the `openai` package leaves to its user. */
async function loop(
  readFile: ReadFile,
  ask: (input: ResponseInput) => Promise<Response>,
): Promise<ClientResult> {
  const input: ResponseInput = [{ role: "user", content: QUESTION }];
  let inputTokens = 0;
  let outputTokens = 0;
  for (;;) {
    const response = await ask(input);
    inputTokens += response.usage?.input_tokens ?? 0;
    outputTokens += response.usage?.output_tokens ?? 0;
    const calls = response.output.filter((item) => item.type === "function_call");
    if (calls.length === 0) return { text: response.output_text, inputTokens, outputTokens };
    for (const call of calls) {
      const { path } = PARAMETERS.parse(JSON.parse(call.arguments));
      input.push(call, {
        type: "function_call_output",
        call_id: call.call_id,
        output: readFile(path),
      });
    }
  }
}

async function responseOver(socket: ResponsesWS, create: ResponsesClientEvent): Promise<Response> {
  socket.send(create);
  for await (const received of socket.stream()) {
    if (received.type === "error") throw received.error;
    if (received.type !== "message") continue;
    const event = received.message;
    if (event.type !== "response.completed") continue;
    // Only `create` and `stream` add this convenience.
    const texts = event.response.output.flatMap((item) =>
      item.type === "message"
        ? item.content.map((part) => (part.type === "output_text" ? part.text : ""))
        : [],
    );
    return { ...event.response, output_text: texts.join("") };
  }
  throw new Error("the connection ended without a response");
}

function aiCall(server: ResponsesServer, readFile: ReadFile) {
  const provider = createOpenAI({ baseURL: server.url, apiKey: "sk-test-key" });
  return {
    model: provider(MODEL),
    prompt: QUESTION,
    maxRetries: 0,
    stopWhen: isStepCount(3),
    tools: {
      [TOOL]: aiTool({
        description: DESCRIPTION,
        inputSchema: PARAMETERS,
        execute: ({ path }) => readFile(path),
      }),
    },
  };
}

function agents(
  server: ResponsesServer,
  readFile: ReadFile,
  transport: ThirdPartyClient["transport"],
): { readonly runner: Runner; readonly agent: Agent; readonly provider: OpenAIProvider } {
  const provider = new OpenAIProvider({
    openAIClient: openai(server),
    useResponsesWebSocket: transport === "websocket",
  });
  const readFileTool = agentTool({
    name: TOOL,
    description: DESCRIPTION,
    parameters: PARAMETERS,
    execute: ({ path }) => readFile(path),
    // The default tells the model about the failure, and the test nothing.
    errorFunction: null,
  });
  const agent = new Agent({ name: "reader", model: MODEL, tools: [readFileTool] });
  // Traces would go to a server that is not on this machine.
  return {
    runner: new Runner({ modelProvider: provider, tracingDisabled: true }),
    agent,
    provider,
  };
}

function agentResult(
  text: string | undefined,
  usage: { readonly inputTokens: number; readonly outputTokens: number },
): ClientResult {
  return { text: text ?? "", inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
}
