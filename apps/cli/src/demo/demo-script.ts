import { type JsonValue, isJsonObject } from "@codex-ts/protocol";
import {
  type ReceivedRequest,
  type Script,
  type ServerEvent,
  type Step,
  delay,
  streamExchange,
  streamedFunctionCall,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";

export const DEMO_MODEL = "demo-model";
export const DEMO_FILE = "shopping.txt";
export const DEMO_FILE_TEXT = "2 apples\n12 eggs\n1 loaf of bread\n";
export const DEMO_PROMPT: string = `How many things are on the list in ${DEMO_FILE}?`;

const CALL_ID = "call_demo_1";
/** Long enough to see the response arrive, short enough to stay far below the time of the demo. */
const DELTA_DELAY_MS = 25;

/**
 * Two exchanges: the model asks for a command that reads the file, then writes its final answer from what the command
 * printed. The response is computed from the request, so a tool that did not run is seen in it.
 */
export function demoScript(): Script {
  return [
    streamExchange(
      [
        slowly(streamedReasoning({ summary: ["The file has to be read first."] })),
        streamedFunctionCall("exec_command", { cmd: `cat ${DEMO_FILE}` }, CALL_ID),
      ],
      {
        responseId: "resp_demo_1",
        requestId: "req_demo_1",
        model: DEMO_MODEL,
        usage: {
          input_tokens: 412,
          cached_input_tokens: 0,
          output_tokens: 37,
          reasoning_output_tokens: 12,
        },
      },
    ),
    {
      respond: (request) =>
        streamExchange([slowly(streamedMessage(answerParts(request)))], {
          responseId: "resp_demo_2",
          requestId: "req_demo_2",
          model: DEMO_MODEL,
          usage: { input_tokens: 498, cached_input_tokens: 384, output_tokens: 25 },
        }),
    },
  ];
}

function slowly(steps: readonly ServerEvent[]): Step[] {
  return steps.flatMap((step) =>
    step.type.endsWith(".delta") ? [delay(DELTA_DELAY_MS), step] : [step],
  );
}

function answerParts(request: ReceivedRequest): readonly string[] {
  const output = toolOutput(request.body);
  const items = DEMO_FILE_TEXT.trim()
    .split("\n")
    .filter((line) => output.includes(line));
  if (items.length === 0) return ["The command did not print ", "the list."];
  return [`The list in ${DEMO_FILE} `, "has ", `${items.length} entries: `, `${items.join(", ")}.`];
}

/** The output of the command, as the follow-up request carries it. */
function toolOutput(body: JsonValue | undefined): string {
  const input = body !== undefined && isJsonObject(body) ? body["input"] : undefined;
  if (!Array.isArray(input)) return "";
  const item = (input as readonly JsonValue[]).find(
    (candidate) =>
      isJsonObject(candidate) &&
      candidate["type"] === "function_call_output" &&
      candidate["call_id"] === CALL_ID,
  );
  return item === undefined ? "" : JSON.stringify(item);
}
