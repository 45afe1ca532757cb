import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { AuthProvider } from "../provider/auth-provider.ts";
import type { StreamError } from "../errors.ts";
import { RequestBuildError, TimeoutError } from "../errors.ts";
import { sleepOrAbort } from "../http/send-with-retries.ts";
import type { ClientOptions, TransportContext } from "../http/transport-context.ts";
import { transportContext } from "../http/transport-context.ts";
import type { CallOptions, CallResult } from "./unary-call.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import { sendUnary } from "./unary-call.ts";

/** A file to upload. */
export interface FileUpload {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file the server has taken. `upstreamRequestId` is that of the confirmation. */
export interface UploadedFile extends CallResult {
  readonly fileId: string;
  /** `sediment://{id}`: how a request refers to the file. */
  readonly uri: string;
  readonly downloadUrl: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly mimeType: string | undefined;
}

const MAX_FILE_BYTES = 512 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 250;
const MAX_POLL_MS = 30_000;

/** Uploads files that requests refer to: announce, put, confirm. */
export class FilesClient {
  readonly #context: TransportContext;

  constructor(options: ClientOptions) {
    this.#context = transportContext(options);
  }

  /**
   * Uploads one file of at most 512 MiB and waits, up to 30 s, until the server has processed it. Credentials go to
   * the provider only, never to the storage the bytes are put to. Rejects with an `ApiError`.
   */
  async upload(file: FileUpload, options: CallOptions = {}): Promise<UploadedFile> {
    if (file.bytes.length > MAX_FILE_BYTES) {
      throw new RequestBuildError(`a file may have at most ${MAX_FILE_BYTES} bytes`);
    }
    const announced = await this.#post("files", announcement(file), options);
    const fileId = announced.body["file_id"];
    const uploadUrl = announced.body["upload_url"];
    if (typeof fileId !== "string" || typeof uploadUrl !== "string") {
      throw announced.unexpected("the files response has no id or upload URL");
    }
    await this.#put(uploadUrl, file.bytes, options, announced.secrets);
    return this.#confirm(fileId, file, options);
  }

  async #put(
    uploadUrl: string,
    bytes: Uint8Array,
    options: CallOptions,
    secrets: SecretSet,
  ): Promise<void> {
    const { provider } = this.#context;
    // Another origin with a signature in its URL: nothing of the provider's goes there.
    const storage = {
      ...this.#context,
      auth: NO_CREDENTIALS,
      knownSecrets: secrets.values,
      provider: { ...provider, headers: undefined },
    };
    await sendUnary(storage, {
      endpoint: "files/put",
      method: "PUT",
      url: uploadUrl,
      bytes,
      options: { ...options, headers: [["x-ms-blob-type", "BlockBlob"]] },
      defaultTimeoutMs: REQUEST_TIMEOUT_MS,
    });
  }

  async #confirm(fileId: string, file: FileUpload, options: CallOptions): Promise<UploadedFile> {
    const path = `files/${encodeURIComponent(fileId)}/uploaded`;
    const startedAtMs = this.#context.now();
    for (;;) {
      const posted = await this.#post(path, {}, options);
      const { body, upstreamRequestId } = posted;
      if (body["status"] === "success") return uploadedFile(fileId, file, posted);
      if (body["status"] !== "retry") {
        throw posted.unexpected(
          `the server refused the file: ${textOr(body["error_message"], "no reason given")}`,
        );
      }
      if (this.#context.now() - startedAtMs >= MAX_POLL_MS) {
        throw new TimeoutError({ upstreamRequestId });
      }
      await sleepOrAbort(this.#context, POLL_INTERVAL_MS, options.signal);
    }
  }

  async #post(path: string, json: JsonObject, options: CallOptions): Promise<Posted> {
    const response = await sendUnary(this.#context, {
      endpoint: path === "files" ? "files" : "files/uploaded",
      method: "POST",
      path,
      json,
      options,
      defaultTimeoutMs: REQUEST_TIMEOUT_MS,
    });
    const body = response.json();
    if (!isJsonObject(body)) throw response.unexpected("the files response is no object");
    const { secrets, unexpected, upstreamRequestId } = response;
    return { body, secrets, unexpected, upstreamRequestId };
  }
}

interface Posted extends CallResult {
  readonly body: JsonObject;
  readonly secrets: SecretSet;
  readonly unexpected: (what: string) => StreamError;
}

const NO_CREDENTIALS: AuthProvider = { addAuthHeaders() {} };

function announcement(file: FileUpload): JsonObject {
  return { file_name: file.name, file_size: file.bytes.length, use_case: "codex" };
}

function uploadedFile(
  fileId: string,
  file: FileUpload,
  { body, secrets, unexpected, upstreamRequestId }: Posted,
): UploadedFile {
  const { download_url: downloadUrl, file_name: fileName, mime_type: mimeType } = body;
  if (typeof downloadUrl !== "string") throw unexpected("the files response has no download URL");
  return secrets.scrubMembers({
    fileId,
    uri: `sediment://${fileId}`,
    downloadUrl,
    fileName: textOr(fileName, file.name),
    sizeBytes: file.bytes.length,
    mimeType: typeof mimeType === "string" ? mimeType : undefined,
    upstreamRequestId,
  });
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
