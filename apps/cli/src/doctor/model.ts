import { isAzureProvider } from "@codex-ts/api";
import type { LoadedConfig } from "../config-file.ts";
import { CliError } from "../errors.ts";
import { nearestWords } from "../nearest.ts";
import { clipId } from "../render/clip.ts";
import { readModels } from "../configured-models.ts";
import type { Finding } from "./check.ts";
import type { Credential } from "./credential.ts";

/** Whether the model of the configuration is one that the catalog and the provider know. */
export async function modelFinding(
  { config, file }: LoadedConfig,
  {
    home,
    credential: { apiProvider, provider },
    offered,
  }: {
    readonly home: string;
    readonly credential: Credential;
    /** Models of the provider; `undefined`: it was not asked, or has no list. */
    readonly offered: readonly string[] | undefined;
  },
): Promise<Finding> {
  const warnings: string[] = [];
  let model: string;
  try {
    const warn = (message: string): void => void warnings.push(message);
    // Whether the provider has it is looked up in what its probe has got.
    const list = (): Promise<undefined> => Promise.resolve(undefined);
    const found = await readModels(config.model, config, { home, file, warn, list });
    model = typeof found.model === "string" ? found.model : found.model.slug;
  } catch (error) {
    if (!CliError.is(error)) throw error;
    return { status: "fail", summary: error.message };
  }
  const details = { model };
  // There, models are asked for by the names of deployments, which are not in the list.
  const isListed = offered === undefined || offered.length === 0 || isAzureProvider(apiProvider);
  if (!isListed && !offered.includes(model)) {
    const nearest = nearestWords(model, offered).map(clipId);
    const some = nearest.length > 0 ? nearest : offered.slice(0, 5).map(clipId);
    return {
      status: "fail",
      summary: `model provider ${provider.id} has no model ${clipId(model)}`,
      remediation: `${nearest.length > 0 ? "did you mean" : "choose another one, such as"} ${some.join(" or ")}: -m MODEL, or model = "..." in ${file}`,
      details,
    };
  }
  if (warnings.length > 0) {
    return { status: "warning", summary: warnings.join("; "), details };
  }
  const isKnown = offered !== undefined && offered.includes(model);
  return {
    status: "ok",
    summary: isKnown ? `${clipId(model)} is one of the provider's` : clipId(model),
    details,
  };
}
