import { StreamError } from "../errors.ts";
import type { ApiErrorFacts, StreamErrorReason } from "../errors.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import type { SecretSet } from "../secrets/secret-set.ts";
import type { ResponseFacts } from "./response-facts.ts";
import { wordsOfBody, wordsText } from "./server-words.ts";

/** Code of a failure the server reported without one: what its event is called. */
const UNNAMED_FAILURE = "error";

/** Where a stream comes from, for the error about its end. */
export interface StreamOrigin {
  readonly upstreamRequestId: string | undefined;
  /** Without credentials. */
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly secrets: SecretSet;
}

interface BrokenStream extends Pick<ApiErrorFacts, "cause"> {
  readonly message: string;
  readonly reason: StreamErrorReason;
  readonly closeCode?: number | undefined;
  readonly closeReason?: string | undefined;
  /** Beginning of a body in which no event was found. */
  readonly body?: string | undefined;
}

/**
 * The error for a stream that ended, however it did, before its response was complete. When the server had said why, its
 * words are in it; when nothing that came could be understood, the error says that instead of blaming the connection.
 */
export function brokenStream(
  origin: StreamOrigin,
  facts: ResponseFacts,
  { message, body, ...details }: BrokenStream,
): StreamError {
  const { upstreamRequestId } = origin;
  const { responseId, serverMessage, serverCode, serverWords } = facts;
  const ids = { upstreamRequestId, responseId };
  const clean = (error: StreamError): StreamError => scrubError(error, origin.secrets);
  if (serverWords !== undefined) {
    const text = `${message}; the server said: ${serverWords}`;
    return clean(
      new StreamError(text, {
        ...details,
        ...ids,
        serverMessage,
        serverCode: serverCode ?? UNNAMED_FAILURE,
      }),
    );
  }
  const other = otherAnswer(origin, facts, body);
  if (other === undefined) return clean(new StreamError(message, { ...details, ...ids }));
  const isEnd = details.reason === "closed_early";
  return clean(
    new StreamError(isEnd ? other.text : `${message}; ${other.text}`, {
      ...details,
      ...ids,
      reason: isEnd ? "not_understood" : details.reason,
      serverMessage: other.serverMessage,
    }),
  );
}

/** Describes a body that arrived in place of a response; `undefined` when none did, or a part of a response. */
function otherAnswer(
  origin: StreamOrigin,
  facts: ResponseFacts,
  body: string | undefined,
): { readonly text: string; readonly serverMessage: string | undefined } | undefined {
  const { contentType = "none", url = "unknown", secrets } = origin;
  const where = `content type ${secrets.scrub(contentType).slice(0, 100)}, URL ${url}`;
  const { notUnderstoodCount: count, firstNotUnderstood: first } = facts;
  if (count > 0) {
    const which = count === 1 ? "the one event" : `none of the ${count} events`;
    const verb = count === 1 ? "is not" : "is";
    const text = `no response of the Responses API came back: ${which} that arrived ${verb} one of its events (${where})`;
    return {
      text: first === undefined ? text : `${text}; it began: ${first}`,
      serverMessage: undefined,
    };
  }
  const words =
    body === undefined ? undefined : wordsOfBody(secrets.scrubBeginning(withoutEventLines(body)));
  if (words === undefined) return undefined;
  return {
    text: `the response is no event stream (${where}); it says: ${wordsText(words)}`,
    serverMessage: words.message ?? words.code ?? "",
  };
}

/** Drops comments and unfinished events: they are part of an event stream, not a body of another kind. */
function withoutEventLines(body: string): string {
  return body
    .split(/\r\n|[\r\n]/)
    .filter((line) => !/^(:|(event|data|id|retry)(:|$))/.test(line))
    .join("\n");
}
