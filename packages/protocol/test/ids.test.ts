import { expect, test } from "vitest";
import {
  newThreadId,
  parseThreadId,
  parseWindowId,
  ProtocolError,
  toSessionId,
  toThreadId,
  toWindowId,
} from "@codex-ts/protocol";

const THREAD = "01a1fa2c-14fd-7b60-8176-1542090ff366";

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return ProtocolError.is(error) ? error.code : "another error";
  }
  return undefined;
}

test("[protocol/P14] accepts any UUID and writes it in lower case", () => {
  expect(parseThreadId(THREAD.toUpperCase())).toBe(THREAD);
  expect(parseThreadId("11111111-1111-4111-8111-111111111111")).toBe(
    "11111111-1111-4111-8111-111111111111",
  );
  expect(parseThreadId(newThreadId())).toMatch(/-7/);
});

test.each([
  "",
  "thread-1",
  `${THREAD}0`,
  ` ${THREAD}`,
  THREAD.replace("a", "g"),
  7,
  null,
  [THREAD],
])("[protocol/P14] refuses %j as a thread id", (value) => {
  expect(codeOf(() => parseThreadId(value))).toBe("invalid_thread_id");
});

test("does not repeat the refused text, which may be anything, in the error", () => {
  expect(() => parseThreadId("my secret")).toThrow(/^(?!.*my secret).*give a UUID/);
});

test("the session of a root thread has its id", () => {
  const threadId = parseThreadId(THREAD);
  expect(toSessionId(threadId)).toBe(THREAD);
  expect(toThreadId(toSessionId(threadId))).toBe(threadId);
});

test("[protocol/P15] a window id is the thread and the number of compactions", () => {
  const id = toWindowId(parseThreadId(THREAD), 3);
  expect(id).toBe(`${THREAD}:3`);
  expect(parseWindowId(id)).toEqual({ threadId: THREAD, generation: 3 });
});

test.each(["", THREAD, `${THREAD}:`, `${THREAD}:-1`, `${THREAD}:01`, `${THREAD}:1.5`, "x:0"])(
  "[protocol/P15] refuses %j as a window id",
  (value) => {
    expect(codeOf(() => parseWindowId(value))).toBe("invalid_window_id");
  },
);

test("recognises errors of another copy of the package", () => {
  const foreign = Object.assign(new Error("x"), {
    [Symbol.for("codex-ts.error.ProtocolError")]: true,
  });
  expect(ProtocolError.is(foreign)).toBe(true);
  expect(ProtocolError.is(new Error("x"))).toBe(false);
  expect(ProtocolError.is(null)).toBe(false);
});
