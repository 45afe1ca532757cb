import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { ContentItem, ImageDetail } from "@codex-ts/protocol";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { z } from "zod";
import { defineTool } from "../../src/tools/dynamic/define-tool.ts";
import { startScene, testModel } from "../support/harness.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test.each(["0.140", "0.171"] as const)(
  "[core/E18] images are given by their paths, and one that is none becomes a text, as in %s",
  async (compatibility) => {
    await using scene = await startScene([messageExchange("Seen.")], { compatibility });
    const { folder } = scene;
    await writeFile(`${folder}/a.png`, PNG);
    await writeFile(`${folder}/bad.png`, "not an image");
    const events = await scene.turn([
      { type: "text", text: "look" },
      { type: "local_image", path: "a.png" },
      { type: "image", image_url: "data:image/png;base64,AAAA" },
      { type: "local_image", path: `${folder}/bad.png` },
      { type: "local_image", path: `${folder}/missing.png` },
      { type: "local_image", path: folder },
      { type: "local_image", path: `${folder}/a.png`, detail: "low" },
    ]);
    expect(events.at(-1)?.type).toBe("turnCompleted");
    const body = scene.server.requests[0]?.body as { input: { content: ContentItem[] }[] };
    const data = `data:image/png;base64,${PNG.toString("base64")}`;
    expect(
      body.input
        .at(-1)
        ?.content.map((part) => ("text" in part ? part.text : [part.image_url, part.detail])),
    ).toEqual([
      "look",
      `<image name=[Image #1] path="${folder}/a.png">`,
      [data, "high"],
      "</image>",
      compatibility === "0.171"
        ? "image content omitted because it could not be processed"
        : ["data:image/png;base64,AAAA", "high"],
      ...(compatibility === "0.171"
        ? [
            `<image name=[Image #3] path="${folder}/bad.png">`,
            "image content omitted because it could not be processed",
            "</image>",
          ]
        : [`Codex cannot attach image at \`${folder}/bad.png\`: unsupported image \`image/png\`.`]),
      `Codex could not read the local image at \`${folder}/missing.png\`: No such file or directory (os error 2)`,
      `Codex could not read the local image at \`${folder}\`: Is a directory (os error 21)`,
      `<image name=[Image #6] path="${folder}/a.png">`,
      compatibility === "0.171"
        ? "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'"
        : [data, "low"],
      "</image>",
    ]);
  },
);

test("[core/E18] a model that takes no images reads that there was one", async () => {
  await using scene = await startScene([messageExchange("Seen.")], {
    model: testModel({ input_modalities: ["text"] }),
  });
  await writeFile(`${scene.folder}/a.png`, PNG);
  await scene.turn([{ type: "local_image", path: "a.png" }]);
  const text = JSON.stringify(scene.server.requests[0]?.body);
  expect(text).toContain("image content omitted because you do not support image input");
  expect(text).not.toContain("base64");
});

const WIDE = sharp({ create: { width: 2500, height: 50, channels: 3, background: "teal" } });
const dataUrl = (type: string, bytes: Buffer): string =>
  `data:${type};base64,${bytes.toString("base64")}`;

/** Type, size and detail of an image part; the text of another one. */
async function shown(part: ContentItem): Promise<unknown> {
  if (part.type !== "input_image") return part.text;
  const [, type, data = ""] = /^data:(.*);base64,(.*)$/.exec(part.image_url) ?? [];
  if (type === undefined) return [part.image_url, part.detail];
  const { width, height } = await sharp(Buffer.from(data, "base64")).metadata();
  return [type, `${width}x${height}`, part.detail];
}

test("[core/images-of-any-source] 0.171 makes images ready whoever gives them, 0.140 those of files", async () => {
  const wide = dataUrl("image/png", await WIDE.clone().png().toBuffer());
  const misnamed = dataUrl("image/png", await WIDE.clone().resize(20).jpeg().toBuffer());
  const gif = dataUrl("image/gif", await WIDE.clone().resize(20).gif().toBuffer());
  const cut = dataUrl("image/png", PNG.subarray(0, 40));
  const show = defineTool({
    name: "show",
    description: "Shows.",
    parameters: z.object({}),
    execute: () => [
      { type: "image", image_url: wide },
      { type: "image", image_url: cut },
      { type: "image", image_url: "https://images.invalid/a.png" },
    ],
  });
  const image = (image_url: string, detail?: ImageDetail) =>
    ({ type: "image", image_url, ...(detail && { detail }) }) as const;
  const run = async (
    compatibility: "0.140" | "0.171",
    supports_image_detail_original: boolean,
  ): Promise<readonly unknown[]> => {
    await using scene = await startScene(
      [
        functionCallExchange({ name: "show", args: {}, callId: "call_1" }),
        messageExchange("Seen."),
      ],
      { compatibility, tools: [show], model: testModel({ supports_image_detail_original }) },
    );
    await scene.turn([image(wide), image(wide, "original"), image(misnamed), image(gif)]);
    const body = scene.server.requests.at(-1)?.body as {
      input: { role?: string; content: ContentItem[]; output?: ContentItem[] }[];
    };
    const { input } = body;
    const asked = input.findLast(({ role }) => role === "user")?.content ?? [];
    const parts = [...asked, ...(input.at(-1)?.output ?? [])];
    // A damaged image has no size.
    return Promise.all((compatibility === "0.140" ? parts.slice(0, 5) : parts).map(shown));
  };
  const omitted = "image content omitted because it could not be processed";
  expect(await run("0.171", false)).toEqual([
    ["image/png", "2048x41", "high"],
    ["image/png", "2500x50", "high"],
    ["image/jpeg", "20x1", "high"],
    ["image/png", "20x1", "high"],
    ["image/png", "2048x41", "high"],
    omitted,
    ["https://images.invalid/a.png", "high"],
  ]);
  expect(await run("0.171", true)).toEqual([
    ["image/png", "2500x50", "original"],
    ["image/png", "2500x50", "original"],
    ["image/jpeg", "20x1", "original"],
    ["image/png", "20x1", "original"],
    ["image/png", "2500x50", "original"],
    omitted,
    ["https://images.invalid/a.png", "high"],
  ]);
  expect(await run("0.140", false)).toEqual([
    ["image/png", "2500x50", "high"],
    ["image/png", "2500x50", "original"],
    ["image/png", "20x1", "high"],
    ["image/gif", "20x1", "high"],
    ["image/png", "2500x50", "high"],
  ]);
});
