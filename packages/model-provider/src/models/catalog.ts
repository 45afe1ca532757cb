import { ModelCatalogError } from "../errors.ts";
import { type FallbackModelOptions, fallbackModelInfo } from "./fallback.ts";
import { type ModelInfo, readModelInfo } from "@codex-ts/protocol";

/** Metadata of one model and whether it was made up. */
export interface FoundModelInfo {
  readonly info: ModelInfo;
  /** True when no catalog knows the model: tell the user, the numbers are guesses. */
  readonly usedFallback: boolean;
}

/**
 * Reads a catalog: the text of a `model_catalog_json` file or a response of the `models` endpoint, `{"models":
 * [...]}`.
 *
 * Unknown keys are ignored; a list without models, or an entry without a required member, is refused.
 * Throws `ModelCatalogError`.
 */
export function readModelCatalog(json: string | object): readonly ModelInfo[] {
  const models = (parseJson(json) as { models?: unknown } | null)?.models;
  if (!Array.isArray(models))
    throw new ModelCatalogError('expected an object with a "models" list');
  if (models.length === 0) throw new ModelCatalogError("the catalog holds no model");
  return models.map((value, index) => {
    const info = readModelInfo(value);
    if (info === undefined)
      throw new ModelCatalogError(
        `models.${index} lacks a required member or has one of the wrong type`,
      );
    return info;
  });
}

/**
 * The metadata for `model`: the entry whose slug is the longest prefix of the name, also behind one `namespace/`, else
 * careful fallback values. The result keeps the requested name. Source: docs/behavior/model-provider.md 15.
 */
export function findModelInfo(
  models: readonly ModelInfo[],
  model: string,
  fallback: FallbackModelOptions = {},
): FoundModelInfo {
  const known = longestPrefix(models, model) ?? longestPrefix(models, withoutNamespace(model));
  if (known === undefined) return { info: fallbackModelInfo(model, fallback), usedFallback: true };
  return { info: { ...known, slug: model }, usedFallback: false };
}

function parseJson(json: string | object): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ModelCatalogError("the catalog is not JSON", { cause: error });
  }
}

function longestPrefix(
  models: readonly ModelInfo[],
  name: string | undefined,
): ModelInfo | undefined {
  if (name === undefined) return undefined;
  let best: ModelInfo | undefined;
  for (const model of models) {
    if (name.startsWith(model.slug) && model.slug.length > (best?.slug.length ?? 0)) best = model;
  }
  return best;
}

/** `model` of `ns/model`; nothing for any other number of slashes or an odd namespace. */
function withoutNamespace(model: string): string | undefined {
  return /^[A-Za-z0-9_-]+\/([^/]+)$/.exec(model)?.[1];
}
