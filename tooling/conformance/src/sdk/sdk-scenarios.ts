import {
  customToolCall,
  disconnect,
  errorExchange,
  failedExchange,
  functionCallExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  streamExchange,
  streamedMessage,
  streamedReasoning,
  textDelta,
} from "@codex-ts/responses-server";
import type { Thread, ThreadEvent, ThreadOptions } from "@openai/codex-sdk";
import { join } from "node:path";
import type { SdkContext, SdkScenario } from "./sdk-scenario.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
  additionalProperties: false,
};

/** Options a thread of every scenario needs: its directory is no git work tree. */
function inWorkspace({ workspace }: SdkContext): ThreadOptions {
  return { workingDirectory: workspace, skipGitRepoCheck: true };
}

async function eventsOf(
  thread: Thread,
  ...turn: Parameters<Thread["runStreamed"]>
): Promise<ThreadEvent[]> {
  const { events } = await thread.runStreamed(...turn);
  const list: ThreadEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/**
 * How a promise failed. What a program that ended says on standard error is prose of its own; that it says something
 * counts.
 */
async function failureOf(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = error.message.replace(/(?<=exited with code \d+: ).+/s, "<text>");
    return { name: error.name, message };
  }
  throw new Error("nothing failed");
}

/** Uses of the official SDK. Everything a program reads of them is compared with the real program. */
export const SDK_SCENARIOS: readonly SdkScenario[] = [
  {
    name: "run",
    script: [messageExchange("Done.", { usage: { input_tokens: 12, output_tokens: 3 } })],
    drive: async (context) => {
      const thread = context.codex().startThread(inWorkspace(context));
      const idBefore = thread.id;
      const turn = await thread.run("go");
      return { idBefore, turn, id: thread.id };
    },
  },
  {
    name: "streamed, with reasoning and two messages",
    script: [
      streamExchange([
        streamedReasoning({ summary: ["**Look** first."] }),
        streamedMessage("I look."),
        streamedMessage("It is done."),
      ]),
    ],
    drive: async (context) => eventsOf(context.codex().startThread(inWorkspace(context)), "go"),
  },
  {
    name: "commands and a patch",
    script: [
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo from-tool" },
        callId: "call_1",
      }),
      functionCallExchange({
        name: "exec_command",
        args: { cmd: "echo wrong; exit 3" },
        callId: "call_2",
      }),
      streamExchange([
        customToolCall(
          "apply_patch",
          "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n",
          "call_3",
        ),
      ]),
      messageExchange("All done."),
    ],
    drive: async (context) => eventsOf(context.codex().startThread(inWorkspace(context)), "go"),
  },
  {
    name: "further turns and a resumed thread",
    script: [messageExchange("One."), messageExchange("Two."), messageExchange("Three.")],
    drive: async (context) => {
      const options = inWorkspace(context);
      const thread = context.codex().startThread(options);
      const first = await thread.run("one");
      const second = await thread.run("two");
      const again = context.codex().resumeThread(thread.id ?? "", options);
      const events = await eventsOf(again, "three");
      return { first, second, events, isSame: again.id === thread.id };
    },
  },
  {
    name: "structured output",
    script: [messageExchange('{"name":"Ada"}')],
    drive: async (context) =>
      context.codex().startThread(inWorkspace(context)).run("who?", { outputSchema: SCHEMA }),
  },
  {
    name: "images and several texts, also in a resumed thread",
    script: [messageExchange("A dot."), messageExchange("Still one.")],
    drive: async (context) => {
      const thread = context.codex().startThread(inWorkspace(context));
      const image = { type: "local_image", path: join(context.workspace, "dot.png") } as const;
      const first = await thread.run([
        { type: "text", text: "Look" },
        image,
        { type: "text", text: "closely." },
      ]);
      return [first, await thread.run([{ type: "text", text: "And now?" }, image, image])];
    },
  },
  {
    name: "every option",
    script: [messageExchange("Set."), messageExchange("Again.")],
    drive: async (context) => {
      const thread = context
        .codex({ config: { model_providers: { mock: { stream_max_retries: 1 } } } })
        .startThread({
          ...inWorkspace(context),
          model: "gpt-mock",
          sandboxMode: "workspace-write",
          modelReasoningEffort: "low",
          networkAccessEnabled: true,
          webSearchMode: "disabled",
          approvalPolicy: "never",
          additionalDirectories: ["/var", "/usr"],
        });
      return [await thread.run("go"), await thread.run("again")];
    },
  },
  {
    name: "web search by its older switch, other policies",
    script: [messageExchange("Set.")],
    drive: async (context) =>
      context
        .codex()
        .startThread({
          ...inWorkspace(context),
          sandboxMode: "danger-full-access",
          webSearchEnabled: false,
          networkAccessEnabled: false,
          approvalPolicy: "on-request",
        })
        .run("go"),
  },
  {
    name: "who asked, and configuration as text",
    sdks: ["0.163.0"],
    script: [messageExchange("Set.")],
    drive: async (context) =>
      context
        .codex({ configOverrides: ['model_reasoning_effort="low"'] })
        .startThread({ ...inWorkspace(context), threadSource: "nightly build" })
        .run("go", { cyberAccessProgram: "standard" }),
  },
  {
    name: "an API key and a base URL",
    script: [messageExchange("Over there.")],
    drive: async (context) =>
      context
        .codex({
          apiKey: "sk-sdk",
          baseUrl: context.serverUrl,
          config: { model_provider: "openai" },
        })
        .startThread(inWorkspace(context))
        .run("go"),
  },
  {
    name: "abort, then the same thread again",
    script: [
      streamExchange([itemAdded(messageItem("", { id: "msg_1" })), textDelta("endless"), hang()]),
      messageExchange("After the abort."),
    ],
    drive: async (context) => {
      const thread = context.codex().startThread(inWorkspace(context));
      const controller = new AbortController();
      const { events } = await thread.runStreamed("go", { signal: controller.signal });
      const seen: string[] = [];
      const failure = await failureOf(
        (async () => {
          for await (const event of events) {
            seen.push(event.type);
            if (event.type !== "turn.started") continue;
            void context.requested().then(() => controller.abort());
          }
        })(),
      );
      return { seen, failure, after: await thread.run("go on") };
    },
  },
  {
    name: "a signal that is aborted before",
    script: [],
    drive: async (context) => {
      const thread = context.codex().startThread(inWorkspace(context));
      return failureOf(thread.run("go", { signal: AbortSignal.abort() }));
    },
  },
  {
    name: "parallel runs",
    isParallel: true,
    script: [messageExchange("Same."), messageExchange("Same."), messageExchange("Same.")],
    drive: async (context) => {
      const codex = context.codex();
      const threads = [1, 2, 3].map(() => codex.startThread(inWorkspace(context)));
      const turns = await Promise.all(threads.map((thread) => thread.run("go")));
      return { turns, ids: new Set(threads.map(({ id }) => id)).size };
    },
  },
  {
    name: "a refused request",
    script: [errorExchange(400, { message: "no such model", type: "invalid_request_error" })],
    drive: async (context) =>
      eventsOf(context.codex().startThread(inWorkspace(context)), "go").then(
        (events) => ({ events }),
        async (error: unknown) => failureOf(Promise.reject(error as Error)),
      ),
  },
  {
    name: "a failed response, as run tells it",
    script: [failedExchange({ code: "invalid_prompt", message: "not this prompt" })],
    drive: async (context) =>
      failureOf(context.codex().startThread(inWorkspace(context)).run("go")),
  },
  {
    name: "a broken stream that is repeated",
    script: [streamExchange([streamedMessage("Half"), disconnect()]), messageExchange("Whole.")],
    drive: async (context) => eventsOf(context.codex().startThread(inWorkspace(context)), "go"),
  },
  {
    name: "a thread nobody knows",
    script: [],
    drive: async (context) =>
      failureOf(
        context
          .codex()
          .resumeThread("01a22c4b-d545-7293-817f-a3d54ccfe28f", inWorkspace(context))
          .run("go"),
      ),
  },
  {
    name: "no git work tree",
    script: [],
    drive: async (context) =>
      failureOf(context.codex().startThread({ workingDirectory: context.workspace }).run("go")),
  },
  {
    name: "a working directory that is not there",
    script: [],
    drive: async (context) =>
      failureOf(
        context
          .codex()
          .startThread({ workingDirectory: join(context.workspace, "gone") })
          .run("go"),
      ),
  },
];
