/** One speed or price class a model offers. */
export interface ModelServiceTier {
  /** Value in requests. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Sentinel of settings: the standard tier, also where the catalog prefers another. Never sent. */
export const STANDARD_SERVICE_TIER = "default";

/** The tier id a setting means: `fast` is `priority` on the wire; other names are ids already. */
export function toServiceTierId(setting: string): string {
  return setting === "fast" ? "priority" : setting;
}

/**
 * `service_tier` of a request: the wanted tier if the model lists it, else `undefined`. `default` is never sent.
 */
export function serviceTierForRequest(
  model: { readonly service_tiers: readonly { readonly id: string }[] },
  tierId: string | null | undefined,
): string | undefined {
  if (tierId === STANDARD_SERVICE_TIER) return undefined;
  return model.service_tiers.find((tier) => tier.id === tierId)?.id;
}
