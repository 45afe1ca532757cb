import type { JsonObject } from "@codex-ts/protocol";
import { parseArguments } from "../arguments.ts";
import { functionSpec, objectSchema, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool } from "../tool.ts";

/** Nobody plans here; machine-read, the same in Codex. */
const UNAVAILABLE = "request_user_input is unavailable in Default mode";

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

/**
 * The tool `request_user_input`. Codex offers it in every mode and lets it ask in plan mode only, which does not exist here: a call is
 * refused.
 */
export function requestUserInputTool(options: { readonly hasAutoResolution: boolean }): Tool {
  const { hasAutoResolution } = options;
  return {
    name: "request_user_input",
    kind: "function",
    spec: functionSpec(
      "request_user_input",
      "Ask the user up to three short questions. Available in plan mode only.",
      { ...(hasAutoResolution && { autoResolutionMs: AUTO_RESOLUTION }), questions: QUESTIONS },
      ["questions"],
    ),
    parallel: false,
    run: (call) => {
      parseArguments(call.input);
      return Promise.reject(new ToolError(UNAVAILABLE));
    },
  };
}
