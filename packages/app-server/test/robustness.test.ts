import { messageExchange } from "@codex-ts/responses-server";
import { isUtf8 } from "node:buffer";
import { isLongForm, seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { startScene } from "./support/client.ts";
import type { Scene, ServerMessage } from "./support/client.ts";

const LINES = isLongForm ? 10_000 : 400;
const THREADS = isLongForm ? 50 : 8;
const TURNS = isLongForm ? 5 : 3;

/** Requests of every method but those that run commands, for a thread that is there. */
function requests(threadId: string): readonly string[] {
  const text = [{ type: "text", text: "hi", text_elements: [] }];
  return [
    ["turn/start", { threadId, input: text, effort: "low", sandboxPolicy: { type: "readOnly" } }],
    ["turn/steer", { threadId, expectedTurnId: "x", input: text }],
    ["turn/interrupt", { threadId, turnId: "x" }],
    ["thread/read", { threadId, includeTurns: true }],
    ["thread/turns/list", { threadId, limit: 2, sortDirection: "asc" }],
    ["thread/list", { limit: 3, archived: false, searchTerm: "a" }],
    ["thread/name/set", { threadId, name: "a name" }],
    ["thread/revert", { threadId, beforeTurnId: "x" }],
    ["thread/resume", { threadId, excludeTurns: true }],
    ["thread/unsubscribe", { threadId }],
    ["thread/loaded/list", {}],
    ["model/list", { limit: 5, cursor: "0" }],
    ["config/read", { includeLayers: true }],
    ["account/read", { refreshToken: false }],
    ["skills/list", { cwds: [] }],
    ["initialize", { clientInfo: { name: "n", title: null, version: "1" } }],
  ].map(([method, params], index) => JSON.stringify({ id: `m${index}`, method, params }));
}

/** Cuts a line short, or changes bytes of it, without ever making two of it. */
function mutated(line: string, random: () => number): Buffer {
  const bytes = Buffer.from(line);
  const at = Math.floor(random() * bytes.length);
  const kind = Math.floor(random() * 5);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return bytes.subarray(at);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  const other = Math.floor(random() * 256);
  const byte = Buffer.from([other === 10 ? 9 : other]);
  if (kind === 3) return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]);
  return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at + 1)]);
}

/** Whether a line has to be answered: all but notifications, answers, and lines of nothing. */
function wantsAnswer(line: Buffer): boolean {
  if (!isUtf8(line)) return true;
  const text = line.toString("utf8");
  if (text.trim() === "") return false;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return true;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
  const { id, method } = value as { id?: unknown; method?: unknown };
  if (typeof method === "string") return "id" in value;
  const isAnswer = "result" in value || "error" in value;
  return method !== undefined || !isAnswer || id === undefined || id === null;
}

test(`[app-server/R1] ${LINES} mutated or cut lines: an error or the answer each, and it goes on`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = seededRandom(seed);
  await using scene = await startScene({ script: [messageExchange("hi", { repeat: Infinity })] });
  const threadId = await scene.startThread();
  await scene.turn(threadId, "hi");
  const lines = requests(threadId);
  const isAnswer = ({ method, id }: ServerMessage): boolean => method === undefined && id !== "end";
  const before = scene.messages.filter(isAnswer).length;
  let wanted = 0;
  for (let count = 0; count < LINES; count += 1) {
    const line = mutated(lines[Math.floor(random() * lines.length)] ?? "", random);
    if (wantsAnswer(line)) wanted += 1;
    scene.write(Buffer.concat([line, Buffer.from("\n")]));
    if (count % 100 === 99) await new Promise(setImmediate);
  }
  scene.send({ id: "end", method: "thread/loaded/list", params: {} });
  await scene.waitFor(({ id }) => id === "end", `the last answer (seed ${seed})`);
  await expect
    .poll(() => scene.messages.filter(isAnswer).length - before, { timeout: 60_000 })
    .toBe(wanted);
}, 600_000);

test(`[app-server/R2] ${THREADS} threads with ${TURNS} turns each over one connection`, async () => {
  await using scene = await startScene({
    script: [messageExchange(["a", "b"], { repeat: Infinity })],
  });
  const all = Array.from({ length: THREADS }, async () => {
    const threadId = await scene.startThread();
    for (let turn = 0; turn < TURNS; turn += 1) await scene.turn(threadId, `turn ${turn}`);
    return threadId;
  });
  const threadIds = await Promise.all(all);
  expect(new Set(threadIds).size).toBe(THREADS);
  for (const threadId of threadIds) expect(turnsOf(scene, threadId)).toEqual(wholeTurns());
  const loaded = await scene.request("thread/loaded/list", {});
  expect(loaded.result.data).toHaveLength(THREADS);
}, 600_000);

/** Notifications of one thread, in the order they came. */
function turnsOf(scene: Scene, threadId: string): readonly string[] {
  return scene.messages.flatMap(({ method, params }) =>
    method !== undefined && params.threadId === threadId && COUNTED.has(method) ? [method] : [],
  );
}

const TURN = [
  "turn/started",
  "item/started",
  "item/completed",
  "item/started",
  "item/agentMessage/delta",
  "item/agentMessage/delta",
  "item/completed",
  "turn/completed",
];
const COUNTED: ReadonlySet<string> = new Set(TURN);

function wholeTurns(): readonly string[] {
  return Array.from({ length: TURNS }).flatMap(() => TURN);
}
