import type { JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { headerText } from "../headers/response-headers.ts";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** The model catalog as the server sent it; reading the entries is the models manager's. */
export interface ModelsResponse {
  readonly models: readonly JsonValue[];
  /** `etag` header, to compare with the one a stream reports. */
  readonly etag: string | undefined;
}

/** `GET /models`. */
export class ModelsClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  /** The catalog for a client of this version. Rejects with an `ApiError`. */
  async list(clientVersion: string, options: CallOptions = {}): Promise<ModelsResponse> {
    const { provider } = this.#context;
    const queryParams = { ...provider.queryParams, client_version: clientVersion };
    const response = await sendUnary(
      { ...this.#context, provider: { ...provider, queryParams } },
      {
        endpoint: "models",
        method: "GET",
        path: "models",
        options,
        defaultTimeoutMs: provider.streamIdleTimeoutMs,
      },
    );
    let body: unknown;
    try {
      body = response.json();
    } catch {
      throw response.unexpected(undecodable(response.text));
    }
    const models = isJsonObject(body) ? body["models"] : undefined;
    if (!Array.isArray(models)) throw response.unexpected(undecodable(response.text));
    return { models: models as JsonValue[], etag: headerText(response.headers, "etag") };
  }
}

/** Codex shows the whole body; one screen of it is enough to see who sent it. */
const MAX_BODY_SHOWN = 2000;

function undecodable(text: string): string {
  const shown = text.length > MAX_BODY_SHOWN ? `${text.slice(0, MAX_BODY_SHOWN)}...` : text;
  return `failed to decode models response; body: ${shown}`;
}
