import { alignLists } from "./align-lists.ts";
import type { ListSegment } from "./align-lists.ts";
import type { TextId } from "./contents.ts";
import { textDifference } from "./text-difference.ts";
import type { TextDifference } from "./text-difference.ts";

/** Members and input of a request as numbers of texts; both sides of a comparison use the same numbers. */
export interface RequestTexts {
  readonly members: readonly (readonly [name: string, text: TextId])[];
  readonly input: readonly TextId[];
}

/** Part of a request that a provider's cache looks at, in the order of the prompt. */
export type PromptPart = "model" | "instructions" | "tools" | "input";

/** Two requests beside each other. */
export interface RequestComparison {
  /** The first difference in the order of the prompt; elements that only follow at the end are none. */
  readonly first: { readonly part: PromptPart; readonly difference: TextDifference } | undefined;
  /** Whether the earlier request as a whole is the beginning of the later one. */
  readonly isExtension: boolean;
  /** Other members that differ, by name: they are not part of the prompt. */
  readonly otherMembers: readonly string[];
  /** The first difference in each of `otherMembers`, in their order. */
  readonly otherDifferences: readonly TextDifference[];
  readonly input: readonly ListSegment[];
  readonly counts: { readonly [kind in ListSegment["kind"]]: number };
}

/** In the order in which they reach the model. */
export const PROMPT_MEMBERS = ["model", "instructions", "tools"] as const;

/** Compares a request with an earlier one. `textOf` is asked for texts that are not the same number on both sides. */
export function compareRequests(
  before: RequestTexts,
  after: RequestTexts,
  textOf: (id: TextId) => string,
): RequestComparison {
  const old = new Map(before.members);
  const now = new Map(after.members);
  const differenceOf = (name: string): TextDifference | undefined => {
    const [left, right] = [old.get(name), now.get(name)];
    if (left === right) return undefined;
    const [oldText, newText] = [left, right].map((id) => (id === undefined ? id : textOf(id)));
    return textDifference(oldText, newText, `/${name}`);
  };
  const input = alignLists(before.input, after.input, (left, right) =>
    isSameKind(textOf(left), textOf(right)),
  );
  const inMembers = PROMPT_MEMBERS.flatMap((part) => {
    const difference = differenceOf(part);
    return difference === undefined ? [] : [{ part, difference }];
  })[0];
  const inInput = inputDifference(before.input, after.input, textOf);
  const names = new Set([...old.keys(), ...now.keys()]);
  const others = [...names].flatMap((name) => {
    const isPrompt = (PROMPT_MEMBERS as readonly string[]).includes(name);
    const difference = isPrompt ? undefined : differenceOf(name);
    return difference === undefined ? [] : [{ name, difference }];
  });
  const counts = { same: 0, added: 0, removed: 0, changed: 0 };
  for (const { kind, count } of input) counts[kind] += count;
  const first = inMembers ?? inInput;
  return {
    first,
    isExtension: first === undefined,
    otherMembers: others.map(({ name }) => name),
    otherDifferences: others.map(({ difference }) => difference),
    input,
    counts,
  };
}

/** The first element of the earlier request that the later one does not have in its place. */
function inputDifference(
  before: readonly TextId[],
  after: readonly TextId[],
  textOf: (id: TextId) => string,
): RequestComparison["first"] {
  for (const [index, left] of before.entries()) {
    const right = after[index];
    if (left === right) continue;
    const text = right === undefined ? undefined : textOf(right);
    const difference = textDifference(textOf(left), text, `/input/${index}`);
    if (difference !== undefined) return { part: "input", difference };
  }
  return undefined;
}

const TYPE = /"type":"(\w+)"/;
const ROLE = /"role":"(\w+)"/;

/** Whether an element may be a changed form of another one. */
function isSameKind(before: string, after: string): boolean {
  return (
    TYPE.exec(before)?.[1] === TYPE.exec(after)?.[1] &&
    ROLE.exec(before)?.[1] === ROLE.exec(after)?.[1]
  );
}
