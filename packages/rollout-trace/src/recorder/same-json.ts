/**
 * Whether two values are printed as the same JSON, as far as comparing them can tell: `false` for some that are. Quick
 * where they are made of the same strings.
 */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => isSameJson(element, right[index]));
  }
  // What prints itself may print anything.
  if ("toJSON" in left || "toJSON" in right) return false;
  const names = Object.keys(left);
  const otherNames = Object.keys(right);
  return (
    names.length === otherNames.length &&
    names.every(
      (name, index) =>
        name === otherNames[index] && isSameJson((left as Members)[name], (right as Members)[name]),
    )
  );
}

interface Members {
  readonly [name: string]: unknown;
}
