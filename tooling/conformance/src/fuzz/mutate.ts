import type { Dice } from "./dice.ts";
import type { DraftBundle } from "./draft-bundle.ts";
import { isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import {
  borrowMember,
  breakNumbering,
  changeMember,
  changeStatus,
  delayEnd,
  dropEvent,
  dropMember,
  moveEvent,
  repeatEvent,
} from "./mutate-events.ts";
import { growHistory, makeIncrement } from "./mutate-history.ts";
import { changeItem, changeList } from "./mutate-items.ts";
import { changeManifest, damageLog } from "./mutate-log.ts";
import { changePayload, damageFile, swapPayloads } from "./mutate-payloads.ts";
import {
  changeParts,
  changeReference,
  changeRequestStart,
  damageShard,
  losePayload,
  splitPayload,
} from "./mutate-shards.ts";
import type { Mutation } from "./mutation.ts";
import { insertEvent } from "./new-events.ts";

const MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [4, dropEvent],
  [3, repeatEvent],
  [5, moveEvent],
  [5, delayEnd],
  [3, changeStatus],
  [8, borrowMember],
  [4, changeMember],
  [3, dropMember],
  [7, changePayload],
  [10, changeItem],
  [10, changeList],
  [3, swapPayloads],
  [2, damageFile],
  [5, makeIncrement],
  [9, growHistory],
  [8, insertEvent],
  [1, breakNumbering],
  [1, changeManifest],
  [2, damageLog],
];
const SHARD_MUTATIONS: typeof MUTATIONS = [
  [5, damageShard],
  [6, losePayload],
  [9, splitPayload],
  [5, changeParts],
  [4, changeReference],
  [6, changeRequestStart],
];
const FILE_DRAWER = drawerOf(MUTATIONS);
const SHARD_DRAWER = drawerOf([...MUTATIONS, ...SHARD_MUTATIONS]);

function drawerOf(mutations: typeof MUTATIONS): readonly Mutation[] {
  return mutations.flatMap(([weight, mutation]) => Array<Mutation>(weight).fill(mutation));
}

/** Damage to numbering that must stay. */
const NUMBERED: ReadonlySet<Mutation> = new Set([breakNumbering, changeMember, dropMember]);

/** Changes a bundle in one to three ways and says how. */
export function mutate(bundle: DraftBundle, dice: Dice, pool: readonly Json[]): string[] {
  const done: string[] = [];
  const count = 1 + dice.below(3);
  for (let round = 0; round < count; round += 1) {
    // An event whose payload is none any more is damage enough.
    if (bundle.events.length === 0 || bundle.events.some(({ payload }) => !isObject(payload)))
      break;
    const mutation = dice.pick(bundle.schemaVersion === 3 ? SHARD_DRAWER : FILE_DRAWER);
    const what = mutation(bundle, dice, pool);
    if (what !== undefined) done.push(what);
    // From schema 2 on gaps are refused: with them it would seldom come to anything else.
    if (!NUMBERED.has(mutation) && bundle.schemaVersion !== 1 && !dice.oneIn(25)) bundle.renumber();
  }
  return done;
}
