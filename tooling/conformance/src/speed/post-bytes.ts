// The least a program can do for a turn: posts bodies of the sizes of its list, one after the other, and reads what comes.
import { readFileSync } from "node:fs";
import { request } from "undici";

const sizes = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as readonly number[];
const url = `${process.env["BASE_URL"] ?? ""}/responses`;
for (const size of sizes) {
  const { body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: Buffer.alloc(size, "a"),
  });
  await body.text();
}
