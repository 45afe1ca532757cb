import { readFileSync } from "node:fs";
import { ABSENT } from "./differences.ts";
import type { Difference } from "./differences.ts";

/** A difference that is meant to be. */
export interface KnownDifference {
  /** Name of a scenario; `*` for all. */
  readonly scenario: string;
  /** Path of the fact; `*` stands for one segment of it. */
  readonly field: string;
  /** Why, for people. */
  readonly reason: string;
  readonly decision: Decision;
}

/** Kinds of accepted differences; every other one is a defect. */
type Decision =
  | "originator"
  | "user-agent"
  | "thread-source"
  | "stripped-credentials"
  | "tool-not-built"
  | "facts-of-a-failure"
  | "whole-output";

/** Where a difference of that kind may be. Everything else is a defect, whatever a list says. */
const FIELDS: Readonly<Record<Decision, RegExp>> = {
  originator: /^(requests|handshakes)\.[^.]+\.headers\.originator$/,
  // Name and version of the program.
  "user-agent": /^(requests|handshakes)\.[^.]+\.headers\.user-agent$/,
  "thread-source": /^(requests|handshakes)\.[^.]+\.blob\.thread_source$/,
  "stripped-credentials":
    /^(requests|handshakes)\.[^.]+\.blob\.workspaces\.[^.]+\.associated_remote_urls\.[^.]+$/,
  "tool-not-built": /^requests\.[^.]+\.(input\.[^.]+\.tools\.functions\.)?tools\.[^.*]+$/,
  // Members beside the message of a failed turn, which stays Codex's.
  "facts-of-a-failure": /^events\.[^.]+\.error\.(status|server_message|upstream_request_id)$/,
  // 0.140 may lose what a command prints before it is listened to.
  "whole-output": /^trace\.terminal_operations\.[^.]+\.result\.(stdout|formatted_output)$/,
};

/** Reads a list of differences. Throws when an entry is about something that may not differ. */
export function readKnownDifferences(file: URL): KnownDifference[] {
  const known = JSON.parse(readFileSync(file, "utf8")) as KnownDifference[];
  for (const { scenario, field, decision, reason } of known) {
    const where = `${file.pathname}: ${scenario} ${field}`;
    if (!reason) throw new Error(`${where} needs a reason`);
    if (!FIELDS[decision]?.test(field))
      throw new Error(`${where} cannot be allowed as ${JSON.stringify(decision)}`);
  }
  return known;
}

/** Sorts differences into allowed ones and others, and remembers which entries were ever needed. */
export class KnownDifferences {
  readonly #known: readonly KnownDifference[];
  readonly #uses = new Map<KnownDifference, number>();

  constructor(known: readonly KnownDifference[]) {
    this.#known = known;
  }

  /** The differences of a scenario that are not on the list. */
  unknown(scenario: string, differences: readonly Difference[]): Difference[] {
    return differences.filter((difference) => {
      const entry = this.#known.find((known) => covers(known, scenario, difference));
      if (entry !== undefined) this.#uses.set(entry, this.uses(entry) + 1);
      return entry === undefined;
    });
  }

  uses(entry: KnownDifference): number {
    return this.#uses.get(entry) ?? 0;
  }

  get entries(): readonly KnownDifference[] {
    return this.#known;
  }

  /** Entries that stand for nothing any more. */
  get unused(): readonly KnownDifference[] {
    return this.#known.filter((entry) => this.uses(entry) === 0);
  }
}

function covers(
  known: KnownDifference,
  scenario: string,
  { field, expected, actual }: Difference,
): boolean {
  if (known.scenario !== "*" && known.scenario !== scenario) return false;
  // A tool that is there has to be as recorded.
  if (known.decision === "tool-not-built" && actual !== ABSENT) return false;
  // What both say has to be the same.
  if (known.decision === "facts-of-a-failure" && expected !== ABSENT) return false;
  if (known.decision === "whole-output" && !isEndOf(expected, actual)) return false;
  const wanted = known.field.split(".");
  const found = field.split(".");
  return (
    wanted.length === found.length &&
    wanted.every((segment, index) => segment === "*" || segment === found[index])
  );
}

/** Whether both are texts and one is the last part of the other. Differences show values as JSON. */
function isEndOf(end: string, whole: string): boolean {
  const quoted = /^"(.*)"$/su.exec(end)?.[1];
  return quoted !== undefined && whole.startsWith('"') && whole.endsWith(`${quoted}"`);
}
