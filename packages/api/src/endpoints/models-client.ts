import type { JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { headerText } from "../headers/response-headers.ts";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult, UnaryResponse } from "./unary-call.ts";
import { sendUnary } from "./unary-call.ts";

/** The model catalog as the server sent it; reading the entries is the models manager's. */
export interface ModelsResponse extends CallResult {
  /** Entries of Codex's backend (`{ slug, ... }`), or of the standard list (`{ id, object: "model", ... }`). */
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

  /**
   * The catalog for a client of this version: the response of Codex's backend, `{ models }`, or the standard list that
   * other servers send, `{ object: "list", data }`. Rejects with an `ApiError`.
   */
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
    const { headers, secrets, upstreamRequestId } = response;
    const models = entriesOf(response);
    if (models === undefined) throw response.unexpected(undecodable(secrets.scrub(response.text)));
    const etag = headerText(headers, "etag");
    return {
      models: secrets.scrubJson(models),
      etag: etag && secrets.scrub(etag),
      upstreamRequestId,
    };
  }
}

/** Codex's own form takes precedence in a response that has both. `undefined` for one that is no list of models. */
function entriesOf({ json }: UnaryResponse): readonly JsonValue[] | undefined {
  let body: unknown;
  try {
    body = json();
  } catch {
    return undefined;
  }
  if (!isJsonObject(body)) return undefined;
  const { models, object, data } = body;
  if (Array.isArray(models)) return models;
  return object === "list" && Array.isArray(data) ? data : undefined;
}

/** Codex shows the whole body; one screen of it is enough to see who sent it. */
const MAX_BODY_SHOWN = 2000;

function undecodable(text: string): string {
  const shown = text.length > MAX_BODY_SHOWN ? `${text.slice(0, MAX_BODY_SHOWN)}...` : text;
  return `failed to decode models response; body: ${shown}`;
}
