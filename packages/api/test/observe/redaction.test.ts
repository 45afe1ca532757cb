import { expect, test } from "vitest";
import { redactHeaders, redactUrl } from "../../src/observe/redaction.ts";
import { SecretSet } from "../../src/secrets/secret-set.ts";

test.each([
  ["https://h.example/v1", "https://h.example/v1"],
  ["https://user:word@h.example/v1", "https://h.example/v1"],
  ["https://:word@h.example/v1", "https://h.example/v1"],
  ["https://h.example/v1#word", "https://h.example/v1"],
  [
    "https://h.example/?a=b&api-key=word&Token=word",
    "https://h.example/?a=b&api-key=%5Bredacted%5D&Token=%5Bredacted%5D",
  ],
  ["https://h.example/?sig=word&sig=word", "https://h.example/?sig=%5Bredacted%5D"],
  ["https://h.example/?accessToken=word", "https://h.example/?accessToken=%5Bredacted%5D"],
  ["https://h.example/?tenant=Zq7xK2mP", "https://h.example/?tenant=%5Bredacted%5D"],
  [
    "https://h.example/?api-version=2024-10-21-preview&region=us-east-1&host=localhost",
    "https://h.example/?api-version=2024-10-21-preview&region=us-east-1&host=localhost",
  ],
  ["https://h.example/sk-0123456789ab/v1", "https://h.example/[redacted]/v1"],
  ["https://word@bad host/", "[not a URL]"],
])("%s is shown as %s", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test.each([
  ["/next?code=word", "/next?code=%5Bredacted%5D"],
  ["https://user:word@h.example/", "https://h.example/"],
  ["//h.example/?sig=word", "http://h.example/?sig=%5Bredacted%5D"],
])("a redirect to %s is shown as %s", (location, shown) => {
  const headers = redactHeaders([["location", location]], { secrets: new SecretSet() });
  expect(headers).toEqual([["location", shown]]);
});

test.each([
  ["as it is", [["x-echo", "got Zq7xK2mPw9"]], [["x-echo", "got [redacted]"]]],
  ["as a name", [["x-zq7xk2mpw9", "1"]], [["x-[redacted]", "1"]]],
  [
    "with gaps, behind a tag that another leaves open",
    [
      ["x-first", '<font color="'],
      ["x-echo", "Z q 7 x K 2 m P w 9>"],
    ],
    [
      ["x-first", '<font color="'],
      ["x-echo", "[redacted]>"],
    ],
  ],
  [
    "behind half an escape",
    [
      ["x-first", "50%"],
      ["x-echo", "Zq7xK2mPw9"],
    ],
    [
      ["x-first", "50%"],
      ["x-echo", "[redacted]"],
    ],
  ],
  [
    "in Base64 of more",
    [
      ["x-first", "abcdefghijklmnopq"],
      ["x-echo", btoa("..Zq7xK2mPw9..")],
    ],
    [
      ["x-first", "abcdefghijklmnopq"],
      ["x-echo", "[redacted]"],
    ],
  ],
] as const)("a credential among headers is found %s", (_, headers, shown) => {
  const secrets = new SecretSet(["Zq7xK2mPw9"]);
  expect(redactHeaders(headers, { secrets })).toEqual(shown);
});
