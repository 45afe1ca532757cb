import { deepStrictEqual } from "node:assert/strict";
import { memoryBundle, reduceBundle } from "@codex-ts/rollout-trace";
import type { PayloadReference } from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { portableByteOperations } from "../../../src/json/bytes.ts";
import { nodeZstdDecoder } from "../../../src/reader/shards/node-zstd.ts";
import { reduceWith } from "../../../src/reducer/reduce-with.ts";
import {
  bundle,
  CHILD,
  CHILD_TURN,
  family,
  message,
} from "../../reducer/support/bundle-builder.ts";
import type { BundleBuilder } from "../../reducer/support/bundle-builder.ts";

/** A session of two threads whose requests name ever more parts; now and then an early one changes. */
function longSession(rounds: number, random: () => number, isCalm = false): BundleBuilder {
  const builder = family(3);
  const histories: PayloadReference[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const inChild = !isCalm && random() < 0.3;
    const parts = histories[inChild ? 1 : 0] ?? [];
    for (let count = 0; count < 12; count += 1)
      parts.push(builder.payload("model_item", message("user", `${round} ${count}`)));
    if (!isCalm && random() < 0.3)
      parts[Math.floor(random() * parts.length)] = builder.payload(
        "model_item",
        message("user", `edited ${round}`),
      );
    if (!isCalm && random() < 0.2) parts.splice(Math.floor(random() * parts.length));
    const fragments = (head: string, tail: string): string[] => [
      head,
      ...parts.slice(1).map(() => ","),
      tail,
    ];
    const [head, tail] = parts.length === 0 ? ['{"input":[]}', ""] : ['{"input":[', "]}"];
    const texts = parts.length === 0 ? [head] : fragments(head, tail);
    const place = inChild ? { thread: CHILD, turn: CHILD_TURN } : {};
    const prompt = builder.assembled("prepared_prompt", texts, [...parts]);
    const inParts = random() < 0.7 && parts.length > 0;
    const request = inParts
      ? builder.assembled("inference_request", texts, [...parts])
      : builder.payload("inference_request", { input: [] });
    builder.request(`call-${round}`, request, {}, place, { prepared_prompt_payload: prompt });
  }
  return builder;
}

test("[trace/V3-12] a log whose lines repeat their parts reads the same whether they are compared or parsed", async () => {
  for (const seed of [1, 2, 3]) {
    const source = memoryBundle(longSession(14, seededRandom(seed)).files());
    for (const mode of ["strict", "tolerant"] as const) {
      const fast = await reduceBundle(source, { mode });
      deepStrictEqual(await reduceBundle(source, { mode, fullParse: true }), fast);
      expect(fast.diagnostics).toEqual([]);
    }
  }
}, 60_000);

test.each<[string, (line: string) => string]>([
  ["null in front of the parts", (line) => line.replaceAll('"parts":[', '"parts":[null,')],
  ["a part twice", (line) => line.replace(/("parts":\[)(\{[^}]*\}[^}]*\})/, "$1$2,$2")],
  [
    "a member twice",
    (line) =>
      line.replace(
        '"prepared_prompt_payload":{',
        '"prepared_prompt_payload":null,"prepared_prompt_payload":{',
      ),
  ],
  [
    "a number that is a fraction",
    (line) => line.replace(/"shard":1([^0-9])(?!.*"shard":1[^0-9])/, '"shard":1.0$1'),
  ],
  ["a broken end", (line) => line.slice(0, -3)],
  [
    "another member between",
    (line) => line.replaceAll('"parts":[', '"extra":{"parts":[null]},"parts":['),
  ],
  ["another schema", (line) => line.replace('"schema_version":3', '"schema_version":2')],
])("[trace/V3-12] the same is refused of a line with %s", async (_, damage) => {
  const builder = longSession(6, seededRandom(9), true);
  const lines = builder.log.trimEnd().split("\n");
  const log = `${[...lines.slice(0, -1), damage(lines.at(-1) ?? "")].join("\n")}\n`;
  const source = memoryBundle(builder.files(log));
  const verdict = (fullParse: boolean): Promise<unknown> =>
    reduceBundle(source, { mode: "strict", fullParse }).catch((error: unknown) => String(error));
  expect(await verdict(false)).toStrictEqual(await verdict(true));
  expect(await reduceBundle(source)).toStrictEqual(await reduceBundle(source, { fullParse: true }));
});

test("[trace/V3-12] what repeats is neither decoded nor parsed", async () => {
  const operations = portableByteOperations();
  let decoded = 0;
  const bytes: typeof operations = {
    ...operations,
    decode(text, start, end) {
      decoded += end - start;
      return operations.decode(text, start, end);
    },
  };
  const builder = longSession(40, () => 0.99, true);
  await reduceWith({ bytes, zstd: nodeZstdDecoder }, memoryBundle(builder.files()), {});
  expect(decoded / builder.log.length).toBeLessThan(0.2);
}, 60_000);

test("a thread that names no parts is read, too", async () => {
  expect((await bundle(3).request("a", []).state()).inference_calls).toHaveProperty("a");
});
