import { diffArrays } from "diff";

/** Lines `oldStart` to `oldEnd` of one list that lines `newStart` to `newEnd` of another stand for; ends are exclusive. */
export interface LineEdit {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** How long a shortest way is searched for; without one, everything between the first and the last difference is one edit. */
const TIMEOUT_MS = 1000;

/** Edits that make the one list of lines the other, from top to bottom. */
export function lineEdits(oldLines: readonly string[], newLines: readonly string[]): LineEdit[] {
  const shorter = Math.min(oldLines.length, newLines.length);
  let start = 0;
  while (start < shorter && oldLines[start] === newLines[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && oldLines.at(-1 - tail) === newLines.at(-1 - tail)) tail += 1;
  const oldEnd = oldLines.length - tail;
  const newEnd = newLines.length - tail;
  if (start === oldEnd && start === newEnd) return [];
  const whole = { oldStart: start, oldEnd, newStart: start, newEnd };
  if (start === oldEnd || start === newEnd) return [whole];
  const parts = diffArrays(oldLines.slice(start, oldEnd), newLines.slice(start, newEnd), {
    timeout: TIMEOUT_MS,
  });
  if (parts === undefined) return [whole];
  const edits: LineEdit[] = [];
  let [old, now] = [start, start];
  for (const { added, removed, count } of parts) {
    const oldCount = added ? 0 : count;
    const newCount = removed ? 0 : count;
    const last = edits.at(-1);
    if (added || removed) {
      const edit = { oldStart: old, oldEnd: old + oldCount, newStart: now, newEnd: now + newCount };
      if (last?.oldEnd === old && last.newEnd === now)
        edits.splice(-1, 1, { ...last, oldEnd: edit.oldEnd, newEnd: edit.newEnd });
      else edits.push(edit);
    }
    old += oldCount;
    now += newCount;
  }
  return edits;
}

/** Edits so close to each other that `contextLines` lines around them touch or overlap, together. */
export function groupEdits(edits: readonly LineEdit[], contextLines: number): LineEdit[][] {
  const groups: LineEdit[][] = [];
  for (const edit of edits) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && edit.oldStart - last.oldEnd <= 2 * contextLines)
      groups.at(-1)?.push(edit);
    else groups.push([edit]);
  }
  return groups;
}
