import { expect, test } from "vitest";
import { redactUrl } from "../src/redaction.ts";

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
