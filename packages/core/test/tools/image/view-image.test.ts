import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { loadImages } from "../../../src/images/image-library.ts";
import { prepareImage } from "../../../src/images/prepare-image.ts";
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

/** A flat image. */
const flat = (width: number, height: number): ReturnType<typeof sharp> =>
  sharp({ create: { width, height, channels: 3, background: "teal" } });

/** A PNG that says it has 30,000 pixels a side. */
function enormous(png: Buffer): Buffer {
  const bytes = Buffer.from(png);
  bytes.writeUInt32BE(30_000, 16);
  bytes.writeUInt32BE(30_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

/** What an output shows: the type its data URL says, the size of the image in it, and the detail. */
async function shown(output: unknown): Promise<unknown> {
  if (!Array.isArray(output)) return output;
  const [part] = output as readonly { readonly image_url: string; readonly detail: string }[];
  const [, type, data] = /^data:(.*);base64,(.*)$/.exec(part?.image_url ?? "") ?? [];
  const { format, width, height, orientation } = await sharp(
    Buffer.from(data ?? "", "base64"),
  ).metadata();
  return [type, format, `${width}x${height}`, part?.detail, ...(orientation ? [orientation] : [])];
}

test("[core/images-once] an image that is looked at before it is sent is decoded once", async () => {
  let decoded = 0;
  // At the start and at the end of each: how many wait then depends on the threads.
  const count = (): void => void (decoded += 1);
  const first = await flat(40, 30).png().toBuffer();
  const second = await flat(41, 30).png().toBuffer();
  // The copy that the product has loaded.
  const { library } = await loadImages();
  const { queue } = library as unknown as typeof sharp;
  queue.on("change", count);
  try {
    const limits = { maxSide: 2048 };
    for (const bytes of [first, first]) await prepareImage(bytes, undefined);
    const once = decoded;
    await prepareImage(first, limits);
    expect(decoded).toBe(once);
    await prepareImage(second, limits);
    expect(decoded).toBeGreaterThan(once);
  } finally {
    queue.off("change", count);
  }
});

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
      "unable to read image at `<cwd>/huge.png`: larger than 104857600 bytes",
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

  test.each(["0.140", "0.171"] as const)(
    "[core/view-image-scaled] a large image is scaled and keeps its type, a GIF becomes a PNG, as in %s",
    async (compatibility) => {
      const prepare = async (folder: string): Promise<void> => {
        await flat(3000, 150).png().toFile(`${folder}/wide.png`);
        await flat(80, 2400).webp().toFile(`${folder}/tall.webp`);
        await flat(3000, 100)
          .withMetadata({ orientation: 6 })
          .jpeg()
          .toFile(`${folder}/turned.jpg`);
        await flat(1700, 1600).png().toFile(`${folder}/square.png`);
        await flat(20, 10).gif().toFile(`${folder}/small.gif`);
        await flat(20, 10).jpeg().toFile(`${folder}/named.png`);
      };
      const names = ["wide.png", "tall.webp", "turned.jpg", "square.png", "small.gif", "named.png"];
      const outputs = await outputsOf(names.map(view), { compatibility, prepare });
      expect(await Promise.all(outputs.map(shown))).toEqual([
        ["image/png", "png", "2048x102", "high"],
        ["image/webp", "webp", "68x2048", "high"],
        ["image/jpeg", "jpeg", "2048x68", "high", 6],
        ["image/png", "png", compatibility === "0.171" ? "1632x1536" : "1700x1600", "high"],
        ["image/png", "png", "20x10", "high"],
        ["image/jpeg", "jpeg", "20x10", "high"],
      ]);
    },
  );

  test("[core/view-image-damaged] an image that is cut, damaged or enormous is none; what is left of a JPEG is shown", async () => {
    const png = await flat(20, 10).png().toBuffer();
    const damaged = Buffer.from(png);
    damaged[damaged.length - 20] = 255 - (damaged[damaged.length - 20] ?? 0);
    const jpeg = await flat(200, 100).jpeg().toBuffer();
    const files: Readonly<Record<string, Buffer>> = {
      "cut.png": png.subarray(0, png.length - 30),
      "head.png": png.subarray(0, 8),
      "damaged.png": damaged,
      "cut.gif": (await flat(200, 100).gif().toBuffer()).subarray(0, 60),
      "cut.webp": (await flat(200, 100).webp().toBuffer()).subarray(0, 60),
      "enormous.png": enormous(png),
      "cut.jpg": jpeg.subarray(0, jpeg.length - 40),
      "more.png": Buffer.concat([png, Buffer.from("more")]),
    };
    const prepare = async (folder: string): Promise<void> => {
      for (const [name, bytes] of Object.entries(files))
        await writeFile(`${folder}/${name}`, bytes);
    };
    const calls = Object.keys(files).map(view);
    const outputs = await outputsOf(calls, { compatibility: "0.171", prepare });
    expect(await Promise.all(outputs.map(shown))).toEqual([
      ...Array.from(
        { length: 6 },
        () => "unable to process image: invalid or unsupported image data",
      ),
      ["image/jpeg", "jpeg", "200x100", "high"],
      ["image/png", "png", "20x10", "high"],
    ]);
    const [cut] = await outputsOf([view("cut.webp")], { compatibility: "0.140", prepare });
    expect(cut).toMatch(
      /^unable to process image at `<cwd>\/cut\.webp`: failed to decode image at <cwd>\/cut\.webp: \S/,
    );
  });

  test("[core/view-image-detail] a model that takes originals gets them: asked for in 0.140, always in 0.171", async () => {
    const model = testModel({ supports_image_detail_original: true });
    const prepare = async (folder: string): Promise<void> => {
      await flat(7000, 10).png().toFile(`${folder}/wide.png`);
    };
    const details = [{}, { detail: "high" }, { detail: "original" }, { detail: null }];
    const calls = [...details, { detail: "low" }, { detail: 7 }].map(
      (args): readonly [string, JsonObject] => ["view_image", { path: "wide.png", ...args }],
    );
    const sizes = async (options: SceneOptions): Promise<unknown[]> =>
      Promise.all((await outputsOf(calls, { ...options, prepare })).map(shown));
    const refused = [
      "view_image.detail only supports `high` or `original`; omit `detail` for default high resized behavior, got `low`",
      expect.stringMatching(/^failed to parse function arguments: invalid type/),
    ];
    const high = ["image/png", "png", "2048x3", "high"];
    const whole = ["image/png", "png", "7000x10", "original"];
    const original = ["image/png", "png", "6000x9", "original"];
    expect(await sizes({ compatibility: "0.140", model })).toEqual([
      high,
      high,
      whole,
      high,
      ...refused,
    ]);
    expect(await sizes({ compatibility: "0.171", model })).toEqual([
      ...details.map(() => original),
      ...refused,
    ]);
    expect(await sizes({ compatibility: "0.171" })).toEqual([
      ...details.map(() => high),
      ...refused,
    ]);
  });

  test("[core/view-image-text-only] a model that reads no images is told so", async () => {
    const model = testModel({ input_modalities: ["text"] });
    expect(await outputsOf([view("dot.png")], { model })).toEqual([
      "view_image is not allowed because you do not support image inputs",
    ]);
  });
});

test("[core/request-user-input] questions to the user are refused outside of plan mode before they are read", async () => {
  const questions = [{ id: "a", header: "A", question: "A?", options: [] }];
  expect(
    await outputsOf([
      ["request_user_input", { questions }],
      ["request_user_input", '{"questions":'],
    ]),
  ).toEqual([
    "request_user_input is unavailable in Default mode",
    "request_user_input is unavailable in Default mode",
  ]);
});
