import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult, UnaryResponse } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** Body of `POST /images/generations`. */
export interface ImageGenerationRequest {
  readonly prompt: string;
  readonly background?: string;
  readonly model?: string;
  readonly n?: number;
  readonly quality?: string;
  readonly size?: string;
}

/** Body of `POST /images/edits`. */
export interface ImageEditRequest extends ImageGenerationRequest {
  readonly images: readonly { readonly image_url: string }[];
}

/** Generated or edited images. */
export interface ImagesResponse extends CallResult {
  /** Unix seconds. */
  readonly created: number;
  /** Base64 of each image. */
  readonly images: readonly string[];
  readonly background: string | undefined;
  readonly quality: string | undefined;
  readonly size: string | undefined;
}

/** `POST /images/generations` and `/images/edits`. */
export class ImagesClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  async generate(
    request: ImageGenerationRequest,
    options: CallOptions = {},
  ): Promise<ImagesResponse> {
    return this.#send("images/generations", imageBody(request), options);
  }

  async edit(request: ImageEditRequest, options: CallOptions = {}): Promise<ImagesResponse> {
    const images = request.images.map(({ image_url }) => ({ image_url }));
    return this.#send("images/edits", { images, ...imageBody(request) }, options);
  }

  async #send(path: string, json: JsonObject, options: CallOptions): Promise<ImagesResponse> {
    const response = await sendUnary(this.#context, {
      endpoint: path,
      method: "POST",
      path,
      json,
      options,
      defaultTimeoutMs: this.#context.provider.streamIdleTimeoutMs,
    });
    return readImages(response);
  }
}

function imageBody(request: ImageGenerationRequest): JsonObject {
  return {
    prompt: request.prompt,
    background: request.background,
    model: request.model,
    n: request.n,
    quality: request.quality,
    size: request.size,
  };
}

function readImages(response: UnaryResponse): ImagesResponse {
  const body = response.json();
  const data = isJsonObject(body) ? body["data"] : undefined;
  if (!isJsonObject(body) || typeof body["created"] !== "number" || !Array.isArray(data)) {
    throw response.unexpected("the images response has no creation time or data list");
  }
  const images = (data as JsonValue[]).map((entry) => {
    const base64 = isJsonObject(entry) ? entry["b64_json"] : undefined;
    if (typeof base64 !== "string")
      throw response.unexpected("an image of the response has no data");
    return base64;
  });
  const text = (name: string): string | undefined => {
    const value = body[name];
    return typeof value === "string" ? response.secrets.scrub(value) : undefined;
  };
  return {
    created: body["created"],
    images,
    background: text("background"),
    quality: text("quality"),
    size: text("size"),
    upstreamRequestId: response.upstreamRequestId,
  };
}
