import { readFileSync, writeFileSync } from "node:fs";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import type { ServerMessage, Transcript } from "./client.ts";
import { keepable } from "./neutral.ts";
import type { Scene } from "./scene.ts";
import { diffs } from "./scenes/diffs.ts";
import { methods } from "./scenes/methods.ts";

/** The scenes whose transcript of the real program is kept, for the tests that run without it. */
export const KEPT_SCENES: readonly Scene[] = [methods, diffs];

interface KeptTranscript {
  readonly responses: readonly (readonly [label: string, response: JsonObject])[];
  readonly notifications: readonly ServerMessage[];
}

export function readKeptTranscript(scene: string, compatibility: Compatibility): Transcript {
  const text = readFileSync(keptFile(scene, compatibility), "utf8");
  return fromKept(JSON.parse(text) as KeptTranscript);
}

export function writeKeptTranscript(
  scene: string,
  compatibility: Compatibility,
  transcript: Transcript,
): void {
  writeFileSync(keptFile(scene, compatibility), `${JSON.stringify(toKept(transcript))}\n`);
}

/** A transcript in the form of the kept ones. */
export function asKept(transcript: Transcript): Transcript {
  return fromKept(toKept(transcript));
}

function toKept({ responses, notifications }: Transcript): KeptTranscript {
  const kept = {
    responses: [...responses],
    notifications: notifications.map(({ method = "", params = {} }) => ({
      method,
      params: withoutTexts(method, params),
    })),
  };
  return keepable(kept) as unknown as KeptTranscript;
}

function fromKept({ responses, notifications }: KeptTranscript): Transcript {
  return { responses: new Map(responses), notifications };
}

/** Members of notifications that hold what their author says to people. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  warning: ["message"],
  deprecationNotice: ["summary", "details"],
};

function withoutTexts(method: string, params: JsonObject): JsonObject {
  const names = TEXTS[method] ?? [];
  const texts = names.filter((name) => typeof params[name] === "string");
  return { ...params, ...Object.fromEntries(texts.map((name) => [name, "<text>"])) };
}

function keptFile(scene: string, compatibility: Compatibility): URL {
  return new URL(`../../test/app-server/kept-${scene}-${compatibility}.json`, import.meta.url);
}
