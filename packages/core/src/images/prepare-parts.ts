import type { FunctionCallOutput, ImageDetail } from "@codex-ts/protocol";
import { anyImageScale } from "./image-form.ts";
import type { ImageForm, ImageModel } from "./image-form.ts";
import { prepareImage } from "./prepare-image.ts";

/** The texts a model reads in the place of an image that is none. Machine-read; Codex writes the same. */
const UNPROCESSABLE = "image content omitted because it could not be processed";
const UNKNOWN_DETAIL =
  "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'";

/** Who takes the images. */
export interface ImageReader {
  readonly form: ImageForm;
  readonly model: ImageModel;
}

type Text = { readonly type: "input_text"; readonly text: string };
type Image = {
  readonly type: "input_image";
  readonly image_url: string;
  readonly detail?: ImageDetail;
};

/** Whether the text stands in the place of an image. */
export function isImageProblem(text: string): boolean {
  return text === UNPROCESSABLE || text === UNKNOWN_DETAIL;
}

/**
 * The parts of a message or an output with their images ready for the model: scaled, or texts in the place of those that
 * cannot be shown. An image given by an address stays as it is. Never rejects.
 */
export async function prepareParts<Part extends { readonly type: string }>(
  parts: readonly (Part | Image)[],
  reader: ImageReader,
): Promise<readonly (Part | Image | Text)[]> {
  if (reader.form.source === "file") return parts;
  const prepared = await Promise.all(
    parts.map(async (part) => (isInlineImage(part) ? await preparePart(part, reader) : [part])),
  );
  return prepared.flat();
}

/** The output of a tool with its images ready for the model. Never rejects. */
export async function prepareOutput(
  output: FunctionCallOutput,
  reader: ImageReader,
): Promise<FunctionCallOutput> {
  if (typeof output === "string" || !output.some(isInlineImage)) return output;
  return prepareParts(output, reader);
}

async function preparePart(
  part: Image,
  { form, model }: ImageReader,
): Promise<readonly (Image | Text)[]> {
  const scale = anyImageScale(form, model, part.detail);
  if (scale === undefined) return [{ type: "input_text", text: UNKNOWN_DETAIL }];
  const image = await prepareImage(bytesOf(part.image_url), scale.limits);
  if (image.type !== "image") return [{ type: "input_text", text: UNPROCESSABLE }];
  const { dataUrl, note } = image;
  return [
    { type: "input_image", image_url: dataUrl, detail: scale.detail },
    ...(note === undefined ? [] : [{ type: "input_text", text: note } as const]),
  ];
}

function isInlineImage(part: { readonly type: string }): part is Image {
  return part.type === "input_image" && /^data:/i.test((part as Image).image_url);
}

/** The bytes of a data URL; none where it is of another form. */
function bytesOf(url: string): Buffer {
  const comma = url.indexOf(",");
  const isBase64 = /;base64$/i.test(url.slice(0, Math.max(0, comma)));
  return isBase64 ? Buffer.from(url.slice(comma + 1), "base64") : Buffer.alloc(0);
}
