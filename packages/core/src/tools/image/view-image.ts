import { resolve } from "node:path";
import type { ModelInfo } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../../compatibility/compatibility-profile.ts";
import { readImageFile } from "../../context/image-file.ts";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec, text } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { mediaTypeOfName } from "./media-type-of-name.ts";

/** Settings of `view_image`. */
export interface ViewImageSettings {
  readonly model: Pick<ModelInfo, "input_modalities">;
  /** How the model reads of a file that is no image. */
  readonly unusableImage: CompatibilityProfile["context"]["unusableImage"];
}

/** For a model that reads text only; machine-read, the same in Codex. */
const NO_IMAGES = "view_image is not allowed because you do not support image inputs";

const VIEW_IMAGE_SPEC = functionSpec(
  "view_image",
  "Look at an image file of this machine: PNG, JPEG, GIF or WebP.",
  { path: text("Path of the image file.") },
  ["path"],
);

/** The tool `view_image`: shows the model an image of the disk. */
export function viewImageTool(settings: ViewImageSettings): Tool {
  return {
    name: "view_image",
    kind: "function",
    spec: VIEW_IMAGE_SPEC,
    parallel: true,
    run: (call) => viewImage(settings, call),
  };
}

async function viewImage(settings: ViewImageSettings, call: ToolCall): Promise<ToolOutput> {
  if (!settings.model.input_modalities.includes("image")) throw new ToolError(NO_IMAGES);
  const path = resolve(call.cwd, new ArgumentReader(call.input).requiredString("path"));
  const image = await readImageFile(path);
  switch (image.type) {
    case "image":
      return {
        output: [{ type: "input_image", image_url: image.dataUrl, detail: "high" }],
        value: { image_url: image.dataUrl, detail: "high" },
      };
    case "missing":
      throw new ToolError(`unable to locate image at \`${path}\`: ${image.reason}`);
    case "not_a_file":
      throw new ToolError(`image path \`${path}\` is not a file`);
    case "unreadable":
      throw new ToolError(`unable to read image at \`${path}\`: ${image.reason}`);
    case "not_an_image":
      throw new ToolError(
        settings.unusableImage === "marked"
          ? "unable to process image: invalid or unsupported image data"
          : `unable to process image at \`${path}\`: unsupported image \`${mediaTypeOfName(path)}\``,
      );
    default:
      return image satisfies never;
  }
}
