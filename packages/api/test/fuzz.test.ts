import { expect, test } from "vitest";
import { seededRandom } from "@codex-ts/test-support";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "./support/client.ts";
import { completedSse } from "./support/decode.ts";
import { fuzzDecoder } from "./support/fuzz.ts";
import { startRawServer } from "./support/raw-server.ts";

// `pnpm fuzz <seed> <bytes>` does the same for longer.
test("mutated event streams end in a typed way that does not depend on the chunks", async () => {
  const report = await fuzzDecoder(4_711, 1_000_000);
  expect(report.bytes).toBeGreaterThanOrEqual(1_000_000);
  // Proof that the mutations reach every part, and are not all refused at the first byte.
  for (const end of ["completed", "closed_early", "invalid_utf8", "incomplete"]) {
    expect(report.ends[end]).toBeGreaterThan(0);
  }
});

test("mutated HTTP answers end in a typed way", async () => {
  const random = seededRandom(815);
  const answers = Array.from({ length: 40 }, () => {
    const head = `HTTP/1.1 200 OK\r\nx-request-id: r\r\ncontent-length: ${completedSse.length}\r\n\r\n`;
    const bytes = Buffer.from(head + completedSse);
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    return bytes;
  });
  await using server = await startRawServer((socket, index) => {
    socket.once("data", () => socket.end(answers[index] ?? ""));
  });
  let completed = 0;
  let failed = 0;
  for (let count = 0; count < answers.length; count += 1) {
    const client = clientAt(server.url, { ...retries(0), streamIdleTimeoutMs: 5000 });
    const outcome = await client.stream(request()).then(outcomeOf, async (error: unknown) => ({
      error: await apiErrorOf(Promise.reject(error)),
    }));
    if (outcome.error === undefined) completed += 1;
    else failed += 1;
  }
  expect(completed + failed).toBe(40);
  expect(completed).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
});
