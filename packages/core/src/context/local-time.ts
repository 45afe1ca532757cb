import { readlinkSync } from "node:fs";

/** `YYYY-MM-DD` in the zone of the process. */
export function localDate(unixMs: number): string {
  const date = new Date(unixMs);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** `HH:MM:SS` in the zone of the process. */
export function localTime(unixMs: number): string {
  const date = new Date(unixMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}

/**
 * IANA name of the zone of this machine: from `TZ`, else from what `/etc/localtime` points to, as Codex
 * finds it. `Intl` knows too, but takes ten milliseconds to say so and calls `Etc/UTC` by another name.
 */
export function systemTimezone(env: Readonly<Record<string, string | undefined>>): string {
  const zone = env["TZ"]?.replace(/^:/, "");
  if (zone !== undefined && /^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/.test(zone)) return zone;
  return linkedTimezone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function linkedTimezone(): string | undefined {
  try {
    return /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(readlinkSync("/etc/localtime"))?.[1];
  } catch {
    return undefined;
  }
}
