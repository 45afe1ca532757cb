import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { startScene, testModel } from "../../support/harness.ts";
import type { SceneOptions } from "../../support/harness.ts";

const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** Outputs of calls in one response, in their order. */
async function outputsOf(
  calls: readonly (readonly [name: string, args: JsonObject | string])[],
  options: SceneOptions & { readonly prepare?: (folder: string) => Promise<void> } = {},
): Promise<unknown[]> {
  const { prepare, ...rest } = options;
  await using scene = await startScene(
    [
      streamExchange(calls.map(([name, args], index) => functionCall(name, args, `call_${index}`))),
      messageExchange("Done."),
    ],
    rest,
  );
  await prepare?.(scene.folder);
  await scene.turn("go");
  const body = scene.server.requests.at(-1)?.body as { readonly input: readonly JsonObject[] };
  return body.input
    .filter(({ type }) => type === "function_call_output")
    .map(({ output }) =>
      typeof output === "string" ? output.replaceAll(scene.folder, "<cwd>") : output,
    );
}

const view = (path: string | number): readonly [string, JsonObject] => ["view_image", { path }];

describe("view_image", () => {
  test("[core/view-image] shows an image byte for byte", async () => {
    const prepare = (folder: string): Promise<void> =>
      writeFile(`${folder}/dot.png`, Buffer.from(DOT, "base64"));
    expect(await outputsOf([view("dot.png")], { prepare })).toEqual([
      [{ type: "input_image", image_url: `data:image/png;base64,${DOT}`, detail: "high" }],
    ]);
  });

  test("[core/view-image-errors] says why there is nothing to see, and waits for no pipe", async () => {
    const outputs = await outputsOf(
      [
        view("absent.png"),
        view("."),
        view("text.png"),
        view("huge.png"),
        view("pipe.png"),
        view(7),
        ["view_image", {}],
        view("a\0b.png"),
      ],
      {
        compatibility: "0.171",
        prepare: async (folder) => {
          await writeFile(`${folder}/text.png`, "no image");
          await writeFile(`${folder}/huge.png`, "");
          await truncate(`${folder}/huge.png`, 2 ** 40);
          execFileSync("mkfifo", [`${folder}/pipe.png`]);
        },
      },
    );
    expect(outputs).toEqual([
      "unable to locate image at `<cwd>/absent.png`: No such file or directory (os error 2)",
      "image path `<cwd>` is not a file",
      "unable to process image: invalid or unsupported image data",
      "unable to read image at `<cwd>/huge.png`: larger than 20971520 bytes",
      "image path `<cwd>/pipe.png` is not a file",
      "failed to parse function arguments: invalid type of `path`, expected a string",
      "failed to parse function arguments: missing field `path`",
      expect.stringMatching(/^unable to read image at /),
    ]);
  });

  test("[core/view-image-errors] 0.140 names the type that the name of a file promised", async () => {
    const names = ["text.PNG", "text.svg", "text", "text.constructor"];
    const outputs = await outputsOf(names.map(view), {
      compatibility: "0.140",
      prepare: async (folder) => {
        for (const name of names) await writeFile(`${folder}/${name}`, "no image");
      },
    });
    expect(outputs).toEqual([
      "unable to process image at `<cwd>/text.PNG`: unsupported image `image/png`",
      "unable to process image at `<cwd>/text.svg`: unsupported image `image/svg+xml`",
      "unable to process image at `<cwd>/text`: unsupported image `unknown`",
      "unable to process image at `<cwd>/text.constructor`: unsupported image `unknown`",
    ]);
  });

  test("[core/view-image-text-only] a model that reads no images is told so", async () => {
    const model = testModel({ input_modalities: ["text"] });
    expect(await outputsOf([view("dot.png")], { model })).toEqual([
      "view_image is not allowed because you do not support image inputs",
    ]);
  });
});

test("[core/request-user-input] questions to the user are refused outside of plan mode, and broken ones are named", async () => {
  const questions = [{ id: "a", header: "A", question: "A?", options: [] }];
  expect(
    await outputsOf([
      ["request_user_input", { questions }],
      ["request_user_input", '{"questions":'],
    ]),
  ).toEqual([
    "request_user_input is unavailable in Default mode",
    expect.stringMatching(/^failed to parse function arguments: /),
  ]);
});
