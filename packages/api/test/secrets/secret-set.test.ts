import type { JsonValue } from "@codex-ts/protocol";
import { describe, expect, test } from "vitest";
import { headerSecrets, urlSecrets } from "../../src/secrets/request-secrets.ts";
import { isSecretName } from "../../src/secrets/secret-names.ts";
import { scrubError } from "../../src/secrets/scrub-error.ts";
import { SecretSet } from "../../src/secrets/secret-set.ts";

const SECRET = "sk-Ab3/Xy+9 zQ";
const set = new SecretSet([SECRET]);

const escapedAs = (form: (code: string) => string, digits = 2): string =>
  Array.from(SECRET)
    .map((character) => form(hex(character).padStart(digits, "0")))
    .join("");

const KEY = "q7Ab3XyzQ9wKtR5mNpLd8";

const headersOf = (name: string, value: string): string[] => [
  ...headerSecrets([[name, value]], new Set([name])),
];

function hex(character: string): string {
  return character.charCodeAt(0).toString(16);
}

describe("[api/S2] a credential is found", () => {
  test.each([
    ["as it is", SECRET],
    ["in other letters", SECRET.toUpperCase()],
    ["in JSON", JSON.stringify(JSON.stringify(`/${SECRET}"`)).replaceAll("/", "\\/")],
    ["in an escaped form of JSON", escapedAs((code) => `\\u${code}`, 4)],
    ["in braces", escapedAs((code) => `\\u{${code}}`)],
    ["in braces with zeros", escapedAs((code) => `\\u{${code.toUpperCase()}}`, 8)],
    ["in eight digits", escapedAs((code) => `\\U${code}`, 8)],
    ["in a style sheet", escapedAs((code) => `\\${code}`, 6)],
    ["in bytes of a program", escapedAs((code) => `\\x${code}`)],
    ["in bytes in braces", escapedAs((code) => `\\x{${code}}`)],
    ["by the numbers of its characters", escapedAs((code) => `\\N{U+${code}}`, 4)],
    [
      "in octal digits",
      Array.from(SECRET)
        .map((c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`)
        .join(""),
    ],
    [
      "in octal digits without zeros",
      Array.from(SECRET, (c) => `\\${c.charCodeAt(0).toString(8)}`).join(""),
    ],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in a form", new URLSearchParams({ a: SECRET }).toString()],
    ["escaped four times", encodeURIComponent(encodeURIComponent(encodeURIComponent(SECRET)))],
    ["in HTML", escapedAs((code) => `&#x${code};`)],
    ["in HTML with names", SECRET.replace("/", "&sol;").replace("+", "&plus;")],
    ["in HTML with zeros", escapedAs((code) => `&#x${code};`, 8)],
    ["in HTML with line breaks", SECRET.replace("Xy", "X<wbr>y")],
    ["in HTML that stresses parts", Array.from(SECRET, (c) => `<b class="k">${c}</b>`).join("")],
    ["in a mail", escapedAs((code) => `=${code.toUpperCase()}`)],
    ["in a mail with soft line ends", SECRET.replace("Xy", "=\r\nXy")],
    ["across lines", SECRET.replace("Xy", "X\r\n\ty")],
    ["with invisible characters", Array.from(SECRET).join("\u200b")],
    ["with control characters", Array.from(SECRET).join("\u0000")],
    ["in Base64", Buffer.from(SECRET).toString("base64")],
    ["in Base64 with something before it", Buffer.from(`me:${SECRET}`).toString("base64")],
    ["in Base64 with more before it", Buffer.from(`you:${SECRET}!`).toString("base64url")],
    ["in Base64 of Base64", btoa(btoa(`user:${SECRET}`))],
    ["in Base64 of an escaped form", btoa(escapedAs((code) => `\\u${code}`, 4))],
    ["in hexadecimal digits", Buffer.from(SECRET).toString("hex")],
    ["in words of two bytes", Buffer.from(SECRET, "utf16le").toString("hex")],
    ["in swapped words", Buffer.from(SECRET, "utf16le").swap16().toString("hex")],
    ["in Base64 of words of two bytes", Buffer.from(SECRET, "utf16le").toString("base64")],
    [
      "in digits with colons",
      Buffer.from(SECRET)
        .toString("hex")
        .replaceAll(/..(?=.)/g, "$&:"),
    ],
    ["as numbers", JSON.stringify([...Buffer.from(SECRET)])],
    ["letter by letter", Array.from(SECRET).join(" . ")],
    [
      "in full width",
      SECRET.replaceAll(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ],
    ["in colors", Array.from(SECRET).join("\u001b[0;31m")],
    ["backward", Array.from(SECRET).toReversed().join("")],
  ])("%s", (_what, form) => {
    const scrubbed = set.scrub(`<${form}>`);
    expect(scrubbed).toContain("[redacted]");
    expect(scrubbed.replace("[redacted]", "").length).toBeLessThan(20);
  });

  test.each([
    ["JSON", "p\\u00e4ss/\\u00df-Ab3Xy9"],
    ["HTML with names", "p&auml;ss/&szlig;-Ab3Xy9"],
    ["HTML", "p&#228;ss/&#xDF;-Ab3Xy9"],
    ["a URL of bytes", "p%C3%A4ss/%C3%9F-Ab3Xy9"],
    ["a URL of Latin-1", "p%E4ss/%DF-Ab3Xy9"],
    ["bytes of a program", "p\\xc3\\xa4ss/\\xc3\\x9f-Ab3Xy9"],
    ["a mail", "p=C3=A4ss/=C3=9F-Ab3Xy9"],
  ])("with letters beyond ASCII, in %s", (_what, form) => {
    expect(new SecretSet(["päss/ß-Ab3Xy9"]).scrub(`<${form}>`)).toBe("<[redacted]>");
  });

  test.each([
    ["a list", headersOf("x-gate", `Bearer other, Bearer ${KEY}`)],
    ["a pair with a dot", headersOf("x-gate", `0a1b2c3d4e.${KEY}`)],
    ["a path in a header", headersOf("x-gate", `tenant/${KEY}`)],
    ["a signed cookie", headersOf("cookie", `s=s%3A${KEY}.signature`)],
    ["a JWT", headersOf("authorization", `Bearer ey0.${KEY}.c2lnbmF0dXJl`)],
    ["a JWT in a cookie", headersOf("cookie", `sid=ey0.${KEY}.c2lnbmF0dXJl`)],
    ["a JWT as a password", headersOf("authorization", `Basic ${btoa(`me:ey0.${KEY}.c2ln`)}`)],
    ["a JWT in the user info", [...urlSecrets(`https://me:ey0.${KEY}.c2ln@h.example/`)]],
    ["a JWT in a query", [...urlSecrets(`https://h.example/?token=ey0.${KEY}.c2ln`)]],
    ["a JWT in a path", [...urlSecrets(`https://h.example/ey0.${KEY}.c2ln/v1`)]],
    ["a list in a query", [...urlSecrets(`https://h.example/?keys=other,${KEY}`)]],
    ["parameters of a path", [...urlSecrets(`https://h.example/v1;token=${KEY}`)]],
  ])("where a server repeats its part of %s", (_what, values) => {
    expect(new SecretSet(values).scrub(`<${KEY}>`)).toBe("<[redacted]>");
  });

  test("in Base32 and ROT13", () => {
    const found = new SecretSet(["sk-Ab3Xy9zQ"]);
    expect(found.scrub("<ONVS2QLCGNMHSOL2KE======>")).toContain("[redacted]");
    expect(found.scrub("<fx-No3Kl9mD>")).toBe("<[redacted]>");
  });

  test("where a text is cut within it", () => {
    expect(set.scrubBeginning("the key is sk-Ab3/X")).toBe("the key is [redacted]");
    expect(set.scrub("the key is sk-Ab3/X")).toBe("the key is sk-Ab3/X");
  });

  test("whole, where others are in it", () => {
    const both = new SecretSet(["acme-corp-0", "acme-corp-0123456789"]);
    expect(both.scrub("<acme-corp-0123456789>")).toBe("<[redacted]>");
  });

  test("in an error with everything that hangs on it, also where it is not the server's own word", () => {
    const cause = Object.assign(new AggregateError([new Error(SECRET)], "all"), {
      data: Buffer.from(SECRET),
      cert: { subject: { CN: SECRET }, raw: Buffer.from(SECRET) },
    });
    const error = scrubError(new Error(`bad ${SECRET}`, { cause }), set);
    expect(error.message).toBe("bad [redacted]");
    expect(error.stack).not.toContain(SECRET);
    expect(cause.data).toBeUndefined();
    expect(cause.cert).toEqual({ subject: { CN: "[redacted]" }, raw: undefined });
    expect((cause.errors[0] as Error).message).toBe("[redacted]");
  });
});

describe("[api/S2] innocent text stays legible", () => {
  test.each([
    "localhost",
    "production",
    "westeurope",
    "us-east-1",
    "2024-10-21-preview",
    "v1.2.3-beta",
    "application/json",
    "127.0.0.1:8080",
    "short",
  ])("%s as a query value or header is no credential", (value) => {
    const secrets = new SecretSet([
      ...urlSecrets(`https://h.example/v1?setting=${value}`),
      ...headerSecrets([["x-setting", value]], new Set(["x-setting"])),
    ]);
    const text = `the setting ${value} is not known here`;
    expect(secrets.scrub(text)).toBe(text);
  });

  test.each([
    ["a query value", [...urlSecrets("https://h.example/v1?tenant=Zq7xK2mP")]],
    ["a secret name", [...urlSecrets("https://h.example/v1?apiKey=Zq7xK2mP")]],
    ["a word with a secret name", [...urlSecrets("https://h.example/v1?password=Zq7xK2mP")]],
    ["a query without a value", [...urlSecrets("https://h.example/v1?Zq7xK2mP")]],
    ["user info", [...urlSecrets("https://me:Zq7xK2mP@h.example/v1")]],
    ["a configured header", [...headerSecrets([["x-t", "Zq7xK2mP"]], new Set(["x-t"]))]],
    ["a scheme", [...headerSecrets([["authorization", "Key Zq7xK2mP"]], new Set())]],
    ["a cookie", [...headerSecrets([["cookie", "a=b; c=Zq7xK2mP"]], new Set())]],
    ["Basic", [...headerSecrets([["authorization", `Basic ${btoa("me:Zq7xK2mP")}`]], new Set())]],
  ])("eight characters of %s are one", (_what, values) => {
    expect(new SecretSet(values).scrub("<Zq7xK2mP>")).toBe("<[redacted]>");
  });

  test("seven are none", () => {
    expect(new SecretSet(["Zq7xK2m"]).scrub("<Zq7xK2m>")).toBe("<Zq7xK2m>");
  });

  test.each([
    [
      "an error",
      "Rate limit reached for gpt-5 in organization org-x on tokens per min: 100% \\ &c.",
    ],
    ["a page", `<html>${"<p>lorem &amp; ipsum %20 dolor\\n</p>".repeat(200)}</html>`],
    ["JSON", JSON.stringify({ id: "resp_0123456789abcdef0123456789abcdef", a: "b=\u0041%41" })],
  ])("%s without a credential is not touched", (_what, text) => {
    const secrets = new SecretSet(["sk-0123456789", "correct horse battery", "acct-0000-1111"]);
    expect(secrets.scrub(text)).toBe(text);
  });
});

test("[api/S2] JSON stays JSON, with the same members", () => {
  const value = { a: [`x${SECRET}y`, 1, null], b: { c: true } };
  expect(set.scrubJson(value)).toEqual({ a: ["x[redacted]y", 1, null], b: { c: true } });
  expect(set.scrubJson({ a: "b" })).toEqual({ a: "b" });
});

test.each([
  ["a secret with quotes", '"Ab3Xy9zQ77"', "Ab3Xy9zQ77"],
  ["a secret of digits", "1234567890", 1234567890],
])("[api/S2] JSON of which %s is no text keeps its shape", (_what, secret, repeated) => {
  const value = { type: "error", list: [repeated, { a: repeated }], [String(repeated)]: true };
  const scrubbed = new SecretSet([secret, "1234567890"]).scrubJson(value);
  expect(scrubbed).toMatchObject({ type: "error", list: expect.any(Array) as unknown });
  expect(JSON.stringify(scrubbed)).not.toContain(String(repeated));
});

test("[api/S2] JSON that is nested too deep to be written stays an object, as far as it is read", () => {
  let deep: JsonValue = SECRET;
  for (let level = 0; level < 20_000; level += 1) deep = [deep];
  const scrubbed = set.scrubJson({ type: "error", note: SECRET, deep });
  expect(scrubbed).toMatchObject({ type: "error", note: "[redacted]" });
  expect(JSON.stringify(scrubbed).length).toBeLessThan(200);
});

test.each([
  ["api-key", true],
  ["apiKey", true],
  ["x_access_token", true],
  ["accesstoken", true],
  ["Authorization", true],
  ["Ocp-Apim-Subscription-Key", true],
  ["code", true],
  ["monkey", false],
  ["max-tokens", false],
  ["api-version", false],
  ["session-id", false],
])("[api/S2] %s names a credential: %s", (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});

test("[api/S2] the time for a text of nothing but escapes grows with its length alone", () => {
  const cpuMsOf = (count: number): number => {
    const text = "\\u0041%41&#65;= \n".repeat(count);
    const before = process.cpuUsage();
    expect(set.scrub(text)).toBe(text);
    return process.cpuUsage(before).user / 1000;
  };
  cpuMsOf(1000);
  // Four times as long; sixteen times as much would be a square.
  expect(cpuMsOf(8000)).toBeLessThan(10 * Math.max(cpuMsOf(2000), 20));
});
