import type { JsonValue } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";

/** Model named in the `headers` object of an event, under `openai-model` or `x-openai-model` in any case. */
export function serverModelIn(headers: JsonValue | undefined): string | undefined {
  return headerIn(headers, isModelHeader);
}

/** Turn state named in the `headers` object of a `response.metadata` event. */
export function turnStateIn(headers: JsonValue | undefined): string | undefined {
  return headerIn(headers, (name) => name === "x-codex-turn-state");
}

function headerIn(
  headers: JsonValue | undefined,
  wanted: (lowerCaseName: string) => boolean,
): string | undefined {
  if (!isJsonObject(headers)) return undefined;
  for (const name of Object.keys(headers)) {
    if (!wanted(name.toLowerCase())) continue;
    const text = firstText(headers[name]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function isModelHeader(name: string): boolean {
  return name === "openai-model" || name === "x-openai-model";
}

/** A string, or the first string inside arrays. A loop, because a server may nest as deep as it likes. */
function firstText(value: JsonValue | undefined): string | undefined {
  let current = value;
  while (Array.isArray(current)) current = (current as readonly JsonValue[])[0];
  return typeof current === "string" ? current : undefined;
}
