import type { ContentItem, ImageDetail } from "./content-item.ts";
import { imageDetailCodec } from "./content-item.ts";
import type { Codec } from "./internal/codec.ts";
import { integer, listOf, text } from "./internal/codec.ts";
import { nullable, objectOf, optional, required, withDefault } from "./internal/object-codec.ts";
import { taggedUnion } from "./internal/union-codec.ts";
import type { MessageItem } from "./response-item.ts";

/** A part of a text that stands for something else, e.g. a pasted file. */
export interface TextElement {
  /** Offsets into the UTF-8 bytes of the text; `end` is exclusive. */
  readonly byte_range: { readonly start: number; readonly end: number };
  readonly placeholder: string | null;
}

/** One thing a person hands to a turn. */
export type UserInput =
  | {
      readonly type: "text";
      /** At most {@link MAX_USER_TEXT_LENGTH} characters. */
      readonly text: string;
      readonly text_elements: readonly TextElement[];
    }
  | { readonly type: "image"; readonly image_url: string; readonly detail?: ImageDetail }
  | { readonly type: "local_image"; readonly path: string; readonly detail?: ImageDetail }
  | { readonly type: "skill"; readonly name: string; readonly path: string }
  | { readonly type: "mention"; readonly name: string; readonly path: string };

/** Longest text of one input, in characters. */
export const MAX_USER_TEXT_LENGTH = 1_048_576;

export const textElementCodec: Codec<TextElement> = objectOf<TextElement>({
  byte_range: required(
    objectOf<TextElement["byte_range"]>({ start: required(integer), end: required(integer) }),
  ),
  placeholder: nullable(text),
});

export const userInputCodec: Codec<UserInput> = taggedUnion<UserInput>({
  text: {
    text: required(text),
    text_elements: withDefault<readonly TextElement[]>(listOf(textElementCodec), []),
  },
  image: { image_url: required(text), detail: optional(imageDetailCodec) },
  local_image: { path: required(text), detail: optional(imageDetailCodec) },
  skill: { name: required(text), path: required(text) },
  mention: { name: required(text), path: required(text) },
});

/** Reads one input; `undefined` for an unknown kind. */
export function readUserInput(value: unknown): UserInput | undefined {
  return userInputCodec.read(value);
}

/** A local image that was read: its bytes as a data URL, or the text the model reads in its place. */
export type LocalImage =
  | { readonly dataUrl: string }
  | {
      readonly problem: string;
      /** Whether the text stands between the marks of the image, as the image would. Default false. */
      readonly isMarked?: boolean;
    };

/** Readers that {@link toUserMessage} needs. */
export interface UserMessageOptions {
  /** Called once per local image, in order. This package reads no files: load them before. */
  readonly localImage: (path: string) => LocalImage;
}

/**
 * The message a person's inputs become. Texts and images keep their order; a local image stands between two marks with
 * its number, counted over all images, and its path. Skills and mentions add nothing here. Images without a `detail` are
 * looked at closely (`high`). Source: docs/behavior/core.md 4.2; the same in 0.140 and 0.171.
 */
export function toUserMessage(
  inputs: readonly UserInput[],
  options: UserMessageOptions,
): MessageItem {
  let imageNumber = 0;
  const content = inputs.flatMap((input): readonly ContentItem[] => {
    if (input.type === "text") return [textPart(input.text)];
    if (input.type === "skill" || input.type === "mention") return [];
    imageNumber += 1;
    if (input.type === "image") return [imagePart(input.image_url, input.detail)];
    const image = options.localImage(input.path);
    const part =
      "dataUrl" in image ? imagePart(image.dataUrl, input.detail) : textPart(image.problem);
    if ("problem" in image && image.isMarked !== true) return [part];
    const opening = `<image name=[Image #${imageNumber}] path="${input.path}">`;
    return [textPart(opening), part, textPart("</image>")];
  });
  return { type: "message", role: "user", content };
}

const textPart = (value: string): ContentItem => ({ type: "input_text", text: value });

const imagePart = (imageUrl: string, detail: ImageDetail = "high"): ContentItem => ({
  type: "input_image",
  image_url: imageUrl,
  detail,
});
