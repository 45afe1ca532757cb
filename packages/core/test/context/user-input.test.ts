import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { ContentItem } from "@codex-ts/protocol";
import { messageExchange } from "@codex-ts/responses-server";
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
      ["data:image/png;base64,AAAA", "high"],
      ...(compatibility === "0.171"
        ? [
            `<image name=[Image #3] path="${folder}/bad.png">`,
            "image content omitted because it could not be processed",
            "</image>",
          ]
        : [`Codex cannot attach image at \`${folder}/bad.png\`: it is no PNG, JPEG, GIF or WebP.`]),
      `Codex could not read the local image at \`${folder}/missing.png\`: No such file or directory (os error 2)`,
      `Codex could not read the local image at \`${folder}\`: not a file`,
      `<image name=[Image #6] path="${folder}/a.png">`,
      [data, "low"],
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
