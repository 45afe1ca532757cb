import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthManager, loginStatus, loginWithApiKey, logout } from "@codex-ts/model-provider";

const codexHome = await mkdtemp(join(tmpdir(), "codex-home-"));
const client = { originator: "my_agent", userAgent: "my-agent/1.0" };
const context = { codexHome, env: {}, client };

await loginWithApiKey(context, "sk-proj-0123456789");
console.log(await loginStatus(context));

const manager = new AuthManager(context);
const snapshot = await manager.auth();
console.log(snapshot?.mode, manager.unauthorizedRecovery().unavailableReason());

await logout(context);
console.log(await loginStatus(context));
await rm(codexHome, { recursive: true });
