import { expect, test } from "vitest";
import { redactUrl, secretValues, withoutSecrets } from "../../src/observe/redaction.ts";

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
  ["https://word@bad host/", "[not a URL]"],
])("%s is shown as %s", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test.each([
  [
    "a secret that contains another",
    [
      ["x-tenant", "acme-corp"],
      ["x-key", "acme-corp-0123456789"],
    ],
  ],
  ["a credential with a space too many", [["authorization", "Bearer  acme-corp-0123456789 "]]],
] as const)("%s is taken out of a text whole", (_what, headers) => {
  const secrets = secretValues(headers, new Set(["x-tenant"]));
  expect(withoutSecrets("<acme-corp-0123456789>", secrets)).toBe("<[redacted]>");
});
