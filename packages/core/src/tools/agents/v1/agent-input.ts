import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { TurnInput } from "../../../thread/thread-options.ts";
import { failArguments } from "../../arguments.ts";
import type { ArgumentReader } from "../../arguments.ts";
import { text } from "../../function-spec.ts";
import { ToolError } from "../../tool.ts";
import { EMPTY_MESSAGE } from "../agent-call.ts";

/** An input for an agent, and the text of it that people read. */
export interface AgentInput {
  readonly input: readonly TurnInput[];
  readonly prompt: string;
}

/** The input of a call for an agent: a text, or texts and images. Throws `ToolError`. */
export function readAgentInput(args: ArgumentReader): AgentInput {
  const message = args.string("message");
  const items = args.list("items");
  if (message !== undefined && items !== undefined) {
    throw new ToolError("Provide either message or items, but not both");
  }
  if (message === undefined && items === undefined) {
    throw new ToolError("Provide one of: message or items");
  }
  if (message !== undefined) {
    if (message.trim() === "") throw new ToolError(EMPTY_MESSAGE);
    return { input: [{ type: "text", text: message }], prompt: message };
  }
  if (items?.length === 0) throw new ToolError("Items can't be empty");
  const input = (items ?? []).map(readInput);
  return { input, prompt: input.map(shown).join("\n") };
}

function readInput(value: JsonValue): TurnInput {
  if (!isJsonObject(value)) return failArguments("invalid type in `items`, expected an object");
  const member = (name: string): string => {
    const found = value[name];
    return typeof found === "string" ? found : failArguments(`missing field \`${name}\``);
  };
  const type = member("type");
  switch (type) {
    case "text":
      return { type, text: member("text") };
    case "image":
      return { type, image_url: member("image_url") };
    case "local_image":
      return { type, path: member("path") };
    case "skill":
      return { type, name: member("name"), path: member("path") };
    // There is nothing here to mention but what its text says.
    case "mention":
      return { type: "text", text: `${member("name")} (${member("path")})` };
    default:
      throw new ToolError(`an item of type \`${type}\` can't be sent to an agent; send a text`);
  }
}

function shown(input: TurnInput): string {
  switch (input.type) {
    case "text":
      return input.text;
    case "image":
      return "[image]";
    case "local_image":
      return `[local_image:${input.path}]`;
    case "skill":
      return `[skill:$${input.name}](${input.path})`;
    case "mention":
      return `[mention:$${input.name}](${input.path})`;
  }
}

/** Members of a call by which it says what an agent is to read. */
export function inputMembers(
  message: string,
  { offersAudio }: { readonly offersAudio: boolean },
): JsonObject {
  return {
    items: {
      type: "array",
      description: "Texts and images in their order, in place of `message`.",
      items: {
        type: "object",
        properties: {
          ...(offersAudio && { audio_url: text("Not supported here.") }),
          image_url: text("URL of an `image`."),
          name: text("Name of a `skill` or `mention`."),
          path: text("Path of a `local_image`, `skill` or `mention`."),
          text: text("Text of a `text`."),
          type: text("`text`, `image`, `local_image`, `skill` or `mention`."),
        },
        additionalProperties: false,
      },
    },
    message: text(message),
  };
}
