import type { ImageDetail, ModelInfo } from "@codex-ts/protocol";
import type { ImageLimits } from "./fitted-size.ts";

/** How images are made ready for a model. Source: runs of 0.140 and 0.171. */
export interface ImageForm {
  /** Whether images of every source are: given as data, by tools, by servers; or those of files only. */
  readonly source: "any" | "file";
  /** Limits of `high`, the detail of models that take no other. */
  readonly high: ImageLimits;
  /** Limits of `original`. Default: none. */
  readonly original?: ImageLimits;
  /** Whether models that take `original` get every image in it, or those it is asked for. */
  readonly originalIs: "every" | "asked_for";
}

/** The part of a model that decides about its images. */
export type ImageModel = Pick<ModelInfo, "supports_image_detail_original">;

/** A detail as it is sent, with the limits that go with it. */
export interface ImageScale {
  readonly detail: ImageDetail;
  readonly limits: ImageLimits | undefined;
}

/** The scale of an image that a tool shows; `original` is asked of some models in vain. */
export function toolImageScale(
  form: ImageForm,
  model: ImageModel,
  asked: "high" | "original",
): ImageScale {
  const isOriginal =
    model.supports_image_detail_original && (form.originalIs === "every" || asked === "original");
  return isOriginal
    ? { detail: "original", limits: form.original }
    : { detail: "high", limits: form.high };
}

/** The scale of an image from any other source; `undefined`: the model takes no such detail. */
export function anyImageScale(
  form: ImageForm,
  model: ImageModel,
  asked: ImageDetail = "high",
): ImageScale | undefined {
  if (model.supports_image_detail_original) return { detail: "original", limits: form.original };
  if (asked === "low") return undefined;
  // It keeps its size, though not the name of it.
  if (asked === "original") return { detail: "high", limits: form.original };
  return { detail: asked, limits: form.high };
}
