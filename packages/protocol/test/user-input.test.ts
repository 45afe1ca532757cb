import { expect, test } from "vitest";
import type { UserInput } from "@codex-ts/protocol";
import {
  callToolResultOutput,
  MAX_USER_TEXT_LENGTH,
  readCallToolResult,
  readUserInput,
  toUserMessage,
} from "@codex-ts/protocol";

const text = (value: string): UserInput => ({ type: "text", text: value, text_elements: [] });

const noLocalImage = (): never => {
  throw new Error("there is none");
};

test("[protocol/P38] texts and images keep their order; images are looked at closely", () => {
  const inputs: UserInput[] = [
    text("what is"),
    { type: "image", image_url: "data:,a" },
    { type: "skill", name: "s", path: "/s" },
    { type: "mention", name: "m", path: "/m" },
    { type: "image", image_url: "data:,b", detail: "low" },
    text("this?"),
  ];
  expect(toUserMessage(inputs, { localImage: noLocalImage })).toEqual({
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "what is" },
      { type: "input_image", image_url: "data:,a", detail: "high" },
      { type: "input_image", image_url: "data:,b", detail: "low" },
      { type: "input_text", text: "this?" },
    ],
  });
});

test("[protocol/P38] local images are numbered, unreadable ones are explained", () => {
  const inputs: UserInput[] = [
    { type: "local_image", path: "/a.png" },
    { type: "local_image", path: "/gone.png" },
    { type: "image", image_url: "data:,c" },
    { type: "local_image", path: "/b.png", detail: "original" },
    { type: "local_image", path: "/broken.png" },
  ];
  const { content } = toUserMessage(inputs, {
    localImage: (path) =>
      path === "/gone.png"
        ? { problem: "no such file" }
        : path === "/broken.png"
          ? { problem: "no image", isMarked: true }
          : { dataUrl: `data:,${path}` },
  });
  expect(
    content.map((part) => ("text" in part ? part.text : [part.image_url, part.detail])),
  ).toEqual([
    '<image name=[Image #1] path="/a.png">',
    ["data:,/a.png", "high"],
    "</image>",
    "no such file",
    ["data:,c", "high"],
    '<image name=[Image #4] path="/b.png">',
    ["data:,/b.png", "original"],
    "</image>",
    '<image name=[Image #5] path="/broken.png">',
    "no image",
    "</image>",
  ]);
});

test("inputs are read with their defaults", () => {
  expect(readUserInput({ type: "text", text: "hi" })).toEqual(text("hi"));
  expect(readUserInput({ type: "local_image", path: "/p", detail: null })).toEqual({
    type: "local_image",
    path: "/p",
  });
  expect(readUserInput({ type: "hologram" })).toBeUndefined();
  expect(MAX_USER_TEXT_LENGTH).toBe(2 ** 20);
});

test.each([
  [{ content: [{ type: "text", text: "5" }], structuredContent: { sum: 5 } }, '{"sum":5}'],
  [
    { content: [{ type: "text", text: "no" }], structuredContent: null, isError: true },
    '[{"type":"text","text":"no"}]',
  ],
  [{ content: [] }, "[]"],
  [
    {
      content: [
        { type: "text", text: "look" },
        { type: "image", data: "AAAA", mimeType: "image/png" },
        { type: "resource", uri: "u" },
      ],
    },
    [
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: "data:image/png;base64,AAAA" },
      { type: "input_text", text: '{"type":"resource","uri":"u"}' },
    ],
  ],
])("the model sees of the MCP answer %j: %j", (received, output) => {
  const result = readCallToolResult(received);
  expect(result && callToolResultOutput(result)).toEqual(output);
});

test("an MCP answer needs content", () => {
  expect(readCallToolResult({ structuredContent: {} })).toBeUndefined();
});
