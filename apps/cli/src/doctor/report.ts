import type { Style } from "../render/style.ts";
import { stripControl, stripToOneLine } from "../render/strip-control.ts";
import { cliVersion } from "../version.ts";
import { CHECKS, type Check, type CheckStatus } from "./check.ts";

const COLORS = { ok: "green", warning: "yellow", fail: "red", skipped: "dim" } as const;
const STATUS_WIDTH = 8;
const CATEGORY_WIDTH = 13;

/** One check as lines for a person: what is so, then what to do. */
export function checkLines(check: Check, style: Style): string {
  const { id, status, summary, remediation, details } = check;
  const head = `${style(COLORS[status], status.padEnd(STATUS_WIDTH))} ${CATEGORY_OF(id)} ${stripToOneLine(summary)}\n`;
  const indent = " ".repeat(STATUS_WIDTH + CATEGORY_WIDTH + 2);
  const advice = remediation === undefined ? "" : `${indent}-> ${stripToOneLine(remediation)}\n`;
  const { source } = details ?? {};
  return `${head}${source === undefined ? "" : `${stripControl(source)}\n`}${advice}`;
}

const CATEGORY_OF = (id: Check["id"]): string => CHECKS[id].padEnd(CATEGORY_WIDTH);

/** The last line for a person. */
export function summaryLine(checks: readonly Check[]): string {
  const count = (status: CheckStatus): number =>
    checks.filter((one) => one.status === status).length;
  const words = [
    ...(count("fail") > 0 ? [`${count("fail")} failed`] : []),
    ...(count("warning") > 0 ? [`${count("warning")} with a warning`] : []),
    `${count("ok")} ok`,
    ...(count("skipped") > 0 ? [`${count("skipped")} not checked`] : []),
  ];
  return `${words.join(", ")}\n`;
}

/** The worst of all: what is skipped has a reason that counts by itself. */
export function overallStatus(checks: readonly Check[]): Exclude<CheckStatus, "skipped"> {
  const statuses = new Set(checks.map(({ status }) => status));
  return statuses.has("fail") ? "fail" : statuses.has("warning") ? "warning" : "ok";
}

/** The report for programs. Source: `doctor --json` of Codex 0.171, docs/behavior/core.md 6.5. */
export function jsonReport(checks: readonly Check[], now: Date): object {
  return {
    schemaVersion: 1,
    generatedAt: now.toISOString(),
    overallStatus: overallStatus(checks),
    codexVersion: cliVersion(),
    checks: Object.fromEntries(
      checks.map(({ id, status, summary, details = {}, remediation, durationMs }) => [
        id,
        {
          id,
          category: CHECKS[id],
          status,
          summary: stripToOneLine(summary),
          details,
          remediation: remediation ?? null,
          durationMs,
        },
      ]),
    ),
  };
}
