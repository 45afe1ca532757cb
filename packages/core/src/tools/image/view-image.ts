import { resolve } from "node:path";
import type { JsonObject, ModelInfo } from "@codex-ts/protocol";
import { toolImageScale } from "../../images/image-form.ts";
import type { ImageForm } from "../../images/image-form.ts";
import { mediaTypeOfName } from "../../images/media-type-of-name.ts";
import { prepareImage } from "../../images/prepare-image.ts";
import type { PreparedImage } from "../../images/prepare-image.ts";
import { readImageFile } from "../../images/read-image-file.ts";
import type { ImageFile } from "../../images/read-image-file.ts";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";

/** Settings of `view_image`. */
export interface ViewImageSettings {
  readonly model: Pick<ModelInfo, "input_modalities" | "supports_image_detail_original">;
  readonly images: ImageForm;
}

/** For a model that reads text only; machine-read, the same in Codex. */
const NO_IMAGES = "view_image is not allowed because you do not support image inputs";

/** The tool `view_image`: shows the model an image of the disk. */
export function viewImageTool(settings: ViewImageSettings): Tool {
  return {
    name: "view_image",
    kind: "function",
    spec: viewImageSpec(settings),
    parallel: true,
    run: (call) => viewImage(settings, call),
  };
}

function viewImageSpec({ images, model }: ViewImageSettings): JsonObject {
  const hasChoice = images.originalIs === "asked_for" && model.supports_image_detail_original;
  const detail = {
    type: "string",
    description: "`high` (default) scales a large image down, `original` does not.",
    enum: ["high", "original"],
  };
  return functionSpec(
    "view_image",
    "Look at an image file of this machine: PNG, JPEG, GIF or WebP.",
    { ...(hasChoice && { detail }), path: text("Path of the image file.") },
    ["path"],
  );
}

async function viewImage(settings: ViewImageSettings, call: ToolCall): Promise<ToolOutput> {
  const { images, model } = settings;
  if (!model.input_modalities.includes("image")) throw new ToolError(NO_IMAGES);
  const args = new ArgumentReader(call.input);
  const path = resolve(call.cwd, args.requiredString("path"));
  const { detail, limits } = toolImageScale(images, model, readDetail(args));
  const file = await readImageFile(path);
  if (file.type !== "read") throw new ToolError(fileProblem(path, file));
  const image = await prepareImage(file.bytes, limits);
  if (image.type !== "image") throw new ToolError(imageProblem(path, image, images));
  const part = { type: "input_image", image_url: image.dataUrl, detail } as const;
  return {
    output: image.note === undefined ? [part] : [part, { type: "input_text", text: image.note }],
    value: { image_url: image.dataUrl, detail },
  };
}

function readDetail(args: ArgumentReader): "high" | "original" {
  const detail = args.string("detail") ?? "high";
  if (detail === "high" || detail === "original") return detail;
  throw new ToolError(
    `view_image.detail only supports \`high\` or \`original\`; omit \`detail\` for default high resized behavior, got \`${detail}\``,
  );
}

function fileProblem(path: string, file: Exclude<ImageFile, { readonly type: "read" }>): string {
  switch (file.type) {
    case "missing":
      return `unable to locate image at \`${path}\`: ${file.reason}`;
    case "directory":
    case "not_a_file":
      return `image path \`${path}\` is not a file`;
    case "unreadable":
      return `unable to read image at \`${path}\`: ${file.reason}`;
  }
}

/** Machine-read, the same in Codex but for what the decoder says. */
function imageProblem(
  path: string,
  image: Exclude<PreparedImage, { readonly type: "image" }>,
  { source }: ImageForm,
): string {
  if (source === "any") return "unable to process image: invalid or unsupported image data";
  const reason =
    image.type === "damaged"
      ? `failed to decode image at ${path}: ${image.reason}`
      : `unsupported image \`${mediaTypeOfName(path)}\``;
  return `unable to process image at \`${path}\`: ${reason}`;
}
