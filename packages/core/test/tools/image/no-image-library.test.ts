import { writeFile } from "node:fs/promises";
import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

// As where the package was not installed, or its native part was made for another system.
beforeEach(() => {
  vi.resetModules();
  vi.doMock("sharp", () => {
    throw new Error("Could not load the sharp module\nand much advice");
  });
});
afterEach(() => {
  vi.doUnmock("sharp");
  vi.resetModules();
});

test("[core/images-no-library] without the library an image is sent as it is, and the model is told", async () => {
  const { startScene } = await import("../../support/harness.ts");
  await using scene = await startScene(
    [
      functionCallExchange({ name: "view_image", args: { path: "dot.png" }, callId: "call_1" }),
      messageExchange("Seen."),
    ],
    { compatibility: "0.171" },
  );
  const image = `data:image/png;base64,${DOT}`;
  await writeFile(`${scene.folder}/dot.png`, Buffer.from(DOT, "base64"));
  await scene.turn([{ type: "image", image_url: image }]);
  const body = scene.server.requests.at(-1)?.body as { input: readonly JsonObject[] };
  const { input } = body;
  const note = expect.stringMatching(
    /^the image was neither checked nor scaled, because the optional package sharp cannot be loaded \(.+\)$/,
  );
  const parts = [
    { type: "input_image", image_url: image, detail: "high" },
    { type: "input_text", text: note },
  ];
  expect(input.findLast(({ role }) => role === "user")?.["content"]).toEqual(parts);
  const output = input.at(-1)?.["output"] as readonly unknown[];
  expect(output.slice(0, 2)).toEqual(parts);
  expect(JSON.stringify(input)).not.toContain("much advice");
});
