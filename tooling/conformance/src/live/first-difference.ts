/** Where two JSON values differ first: a path and both values, cut for one line; `undefined` when they are equal. */
export function firstDifference(ours: unknown, theirs: unknown, path = ""): string | undefined {
  if (Object.is(ours, theirs)) return undefined;
  if (!isContainer(ours) || !isContainer(theirs) || Array.isArray(ours) !== Array.isArray(theirs)) {
    return `${path || "."}: ours ${show(ours)}, theirs ${show(theirs)}`;
  }
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const difference = firstDifference(ours[name], theirs[name], `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
