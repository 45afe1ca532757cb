import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { createCredentialStore } from "@codex-ts/model-provider";
import { expect, test } from "vitest";
import { chatgptLogin } from "../../support/logins.ts";

const TEXT = JSON.stringify(chatgptLogin(), null, 2);
const MARK = "\ufeff";
const utf16le = (text: string): Buffer => Buffer.from(text, "utf16le");
const utf16be = (text: string): Buffer => utf16le(text).swap16();

test.each<[string, Buffer]>([
  ["UTF-8", Buffer.from(TEXT)],
  ["UTF-8 with CR LF", Buffer.from(TEXT.replaceAll("\n", "\r\n"))],
  ["UTF-8 with a byte order mark", Buffer.from(MARK + TEXT)],
  ["UTF-8 with both", Buffer.from(MARK + TEXT.replaceAll("\n", "\r\n"))],
  ["UTF-16LE", utf16le(MARK + TEXT)],
  ["UTF-16LE with CR LF", utf16le(MARK + TEXT.replaceAll("\n", "\r\n"))],
  ["UTF-16BE", utf16be(MARK + TEXT)],
])("[provider/auth-json-encoding] a login saved as %s is read", async (_encoding, bytes) => {
  await using home = await temporaryDirectory();
  await writeFile(join(home.path, "auth.json"), bytes);
  const store = createCredentialStore({ codexHome: home.path });
  const stored = await store.load();
  expect(stored?.tokens?.refreshToken.expose()).toBe("refresh-1");
  // A refresh writes what Codex reads.
  if (stored !== undefined) await store.save(stored);
  expect((await store.load())?.equals(stored)).toBe(true);
});

test.each<[string, Buffer, RegExp]>([
  ["UTF-16LE without a mark", utf16le(TEXT), /UTF-16 text without a byte order mark/],
  ["UTF-16BE without a mark", utf16be(TEXT), /UTF-16 text without a byte order mark/],
  ["UTF-16LE cut in a character", utf16le(MARK + TEXT).subarray(0, -1), /damaged UTF-16LE text/],
  ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), /UTF-32 text/],
  [
    "Latin-1",
    Buffer.from(TEXT.replace("{", '{\n"e":"\xe9",'), "latin1"),
    /not UTF-8 text \(line 2\)/,
  ],
])(
  "[provider/auth-json-encoding] a login saved as %s is an error that says so",
  async (_encoding, bytes, problem) => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "auth.json"), bytes);
    const loading = createCredentialStore({ codexHome: home.path }).load();
    const error = await loading.catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: "credentials_unreadable" });
    expect((error as Error).message).toMatch(problem);
    expect((error as Error).message).toMatch(/auth\.json .*save it as UTF-8/);
  },
);
