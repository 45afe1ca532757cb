import { expect, test } from "vitest";
import type { FunctionCallOutput } from "@codex-ts/protocol";
import { functionCallOutputText } from "@codex-ts/protocol";

const text = (value: string) => ({ type: "input_text", text: value }) as const;
const image = { type: "input_image", image_url: "data:,x" } as const;
const encrypted = { type: "encrypted_content", encrypted_content: "e" } as const;

test.each<[FunctionCallOutput, string | null]>([
  ["", ""],
  ["  as it is ", "  as it is "],
  [[], null],
  [[image, encrypted], null],
  [[text(" "), text("\n\t")], null],
  [[text("one"), image, text(""), text(" two "), encrypted], "one\n two "],
])("[protocol/P10] the words of %j", (output, expected) => {
  expect(functionCallOutputText(output)).toBe(expected);
});
