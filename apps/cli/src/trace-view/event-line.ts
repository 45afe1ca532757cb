import type { RawTraceEvent } from "@codex-ts/rollout-trace";
import { stripToOneLine } from "../render/strip-control.ts";
import { toolName } from "./transcript.ts";

const MAX_VALUE_CHARACTERS = 120;

/** One raw event on one line: seconds since the first one, its type, and every plain member under its own name. */
export function renderEventLine(event: RawTraceEvent, firstWallTimeUnixMs: number): string {
  const seconds = ((event.wall_time_unix_ms - firstWallTimeUnixMs) / 1000).toFixed(3);
  const { type, ...members } = event.payload;
  const facts = Object.entries(members).flatMap(([name, value]) => {
    const text = valueText(name, value);
    return text === undefined ? [] : [`${name} ${shorten(stripToOneLine(text))}`];
  });
  return `${seconds.padStart(9)}  ${[type, ...facts].join(" | ")}`;
}

/** `undefined` for what says nothing to a reader: references to payload files, and members that are null but no id. */
function valueText(name: string, value: unknown): string | undefined {
  if (value === null) return name.endsWith("_id") ? "-" : undefined;
  if (typeof value === "object") {
    if (name === "kind") return toolName(value as ToolKind);
    return name === "summary" ? previewOf(value) : undefined;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

type ToolKind = Parameters<typeof toolName>[0];

function previewOf(summary: object): string | undefined {
  const preview = "input_preview" in summary ? summary.input_preview : undefined;
  return typeof preview === "string" ? preview : undefined;
}

function shorten(text: string): string {
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text;
}
