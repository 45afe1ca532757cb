import { seededRandom } from "@codex-ts/test-support";
import type { BundleFiles } from "@codex-ts/rollout-trace/reducer";
import type { BundleBuilder } from "./bundle-builder.ts";

/** What stands where something else should. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  "",
  "__proto__",
  [],
  [[]],
  {},
  { type: "message" },
  { a: { b: [] } },
];

/** The files of a bundle with values, members and whole files replaced, removed or cut at random. */
export function damaged(builder: BundleBuilder, seed: number): BundleFiles {
  const random = seededRandom(seed);
  const share = [0.003, 0.02, 0.08][Math.floor(random() * 3)] ?? 0.02;
  const spoil = (text: string): string => {
    const kind = random();
    if (kind < 0.1) return text.slice(0, Math.floor(random() * text.length));
    try {
      return JSON.stringify(spoiled(JSON.parse(text), random, share));
    } catch {
      return text;
    }
  };
  const files: { [path: string]: string } = { "manifest.json": JSON.stringify(builder.manifest) };
  const lines = builder.events.map((event) => JSON.stringify(event));
  files["trace.jsonl"] = lines.map((line) => (random() < 0.3 ? spoil(line) : line)).join("\n");
  for (const [path, text] of Object.entries(builder.payloads))
    if (random() > 0.03) files[path] = random() < 0.3 ? spoil(text) : text;
  return files;
}

function spoiled(value: unknown, random: () => number, share: number): unknown {
  if (random() < share) return ODD_VALUES[Math.floor(random() * ODD_VALUES.length)];
  if (Array.isArray(value)) return value.map((element) => spoiled(element, random, share));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(() => random() >= share)
      .map(([key, member]) => [random() < share ? "type" : key, spoiled(member, random, share)]),
  );
}
