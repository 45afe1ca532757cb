import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec, objectSchema, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import type { AskUser, UserQuestion, UserReplies } from "./ask-user.ts";

/** Machine-read, the same in Codex. */
const UNAVAILABLE = "request_user_input is unavailable in Default mode";
const NO_OPTIONS = "request_user_input requires non-empty options for every question";
const NO_REPLIES = "request_user_input was cancelled before receiving a response";

const OPTION = objectSchema(
  {
    description: text("The consequence of the choice, in a sentence."),
    label: text("The choice in a few words."),
  },
  ["label", "description"],
);

const QUESTION = objectSchema(
  {
    header: text("A heading of at most 12 characters."),
    id: text("Name by which the reply is returned, in snake_case."),
    options: { type: "array", description: "Two or three choices, the best first.", items: OPTION },
    question: text("The question, in a sentence."),
  },
  ["id", "header", "question", "options"],
);

const QUESTIONS: JsonObject = {
  type: "array",
  description: "One to three questions; one is best.",
  items: QUESTION,
};

const AUTO_RESOLUTION: JsonObject = {
  type: "number",
  description: "Go on without a reply after this time in milliseconds, 60000 to 240000.",
};

/** Settings of a thread that the tool needs. */
export interface QuestionSettings {
  /** Whether a question can have a time after which the model goes on without a reply. */
  readonly hasAutoResolution: boolean;
  /** Asks; `undefined`: nobody can be asked. */
  readonly askUser: AskUser | undefined;
  /** Whether the model may ask outside of plan mode. */
  readonly asksInEveryMode: boolean;
}

/** The tool `request_user_input`: offered in every mode, and refused where the model may not ask, as in Codex. */
export function requestUserInputTool(settings: QuestionSettings): Tool {
  const { hasAutoResolution, asksInEveryMode } = settings;
  return {
    name: "request_user_input",
    kind: "function",
    spec: functionSpec(
      "request_user_input",
      `Ask the user up to three short questions and wait for the replies. Available in ${asksInEveryMode ? "default and plan mode" : "plan mode only"}.`,
      { ...(hasAutoResolution && { autoResolutionMs: AUTO_RESOLUTION }), questions: QUESTIONS },
      ["questions"],
    ),
    parallel: false,
    run: (call) => ask(call, settings),
  };
}

async function ask(call: ToolCall, settings: QuestionSettings): Promise<ToolOutput> {
  const { askUser, asksInEveryMode, hasAutoResolution } = settings;
  const isPlanning = call.mode === "plan";
  if (askUser === undefined || !(isPlanning || asksInEveryMode)) throw new ToolError(UNAVAILABLE);
  const { questions, autoResolutionMs } = readCall(call.input);
  if (questions.some(({ options }) => options.length === 0)) throw new ToolError(NO_OPTIONS);
  const replies = await replied(
    askUser(questions, {
      turnId: call.turnId,
      callId: call.modelCallId ?? call.callId,
      isBlocking: isPlanning,
      autoResolutionMs: hasAutoResolution ? autoResolutionMs : undefined,
      signal: call.signal,
    }),
    call.signal,
  );
  const answers = Object.fromEntries(
    Object.entries(replies).map(([id, texts]) => [id, { answers: texts }]),
  );
  return { output: JSON.stringify({ answers }) };
}

/** Waits no longer than the turn does. A user who cannot be asked has no replies. */
async function replied(asked: Promise<UserReplies>, signal: AbortSignal): Promise<UserReplies> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(new ToolError(NO_REPLIES));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([asked.catch(() => ({})), stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    stopped.promise.catch(() => undefined);
  }
}

function readCall(input: string): {
  readonly questions: readonly UserQuestion[];
  readonly autoResolutionMs: number | undefined;
} {
  const read = new ArgumentReader(input);
  const questions = (read.list("questions") ?? []).map(readQuestion);
  return { questions, autoResolutionMs: read.number("autoResolutionMs") };
}

function readQuestion(value: JsonValue): UserQuestion {
  const read = new ArgumentReader(JSON.stringify(value));
  return {
    id: read.requiredString("id"),
    header: read.requiredString("header"),
    question: read.requiredString("question"),
    options: (read.list("options") ?? []).map((option) => {
      const member = new ArgumentReader(JSON.stringify(option));
      return {
        label: member.requiredString("label"),
        description: member.requiredString("description"),
      };
    }),
  };
}
