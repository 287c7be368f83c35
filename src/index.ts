export { defineConfig } from './config/define.ts'
export type * from './config/options.ts'
export {
  auth0,
  clerk,
  cloudflareAccess,
  cognito,
  entra,
  firebase,
  keycloak,
  oidc,
  okta,
  type ProviderOptions,
  supabase,
} from './config/providers.ts'
export { type AccessPresetOptions, cloudflareAccessOperators } from './config/accessoperators.ts'
export type { AccessOperatorOptions } from './config/accessoptions.ts'
export type {
  Attempt,
  Bound,
  BoundedRequest,
  BoundExplanation,
  Breakdown,
  Fitting,
  MeasureOptions,
  Meter,
  Metered,
  MeteredAmount,
  MeteredUnits,
} from './access/meter.ts'
export { account } from './account/account.ts'
export { confirm } from './endpoints/confirm.ts'
export { credit } from './endpoints/credit.ts'
export { emergency } from './endpoints/emergency.ts'
export { levers } from './levers/endpoint.ts'
export type { EndpointFactory } from './endpoints/endpoint.ts'
export { erase } from './endpoints/erase.ts'
export { events } from './endpoints/events.ts'
export { explain } from './endpoints/explain.ts'
export { exportAccount } from './endpoints/export.ts'
export { lookup } from './lookup/lookup.ts'
export { hold } from './endpoints/hold.ts'
export { manageKeys } from './endpoints/keys.ts'
export { charges } from './endpoints/charges.ts'
export { usageReport } from './endpoints/usagereport.ts'
export { ownKeys } from './endpoints/keysown.ts'
export { purge } from './endpoints/purge.ts'
export { manageFeeds, type ManageFeedsOptions } from './feeds/endpoint.ts'
export { feeds, type FeedsOptions } from './feeds/rail.ts'
export { supportFeeds } from './feeds/support.ts'
export { purchases, type PurchasesOptions } from './login/purchases/rail.ts'
export type { OAuthEndpoints, OAuthOffer, OAuthOptions } from './login/oauth/options.ts'
export { oauth } from './login/oauth/plugin.ts'
export { session, type SessionOptions, type SessionRail } from './login/session/rail.ts'
export type { SessionTimes } from './login/session/renew.ts'
export { anthropic } from './meters/anthropic.ts'
export { compatible, type CompatibleOptions } from './meters/compatible.ts'
export { gemini } from './meters/gemini.ts'
export type { LlmOptions, ModelOptions } from './meters/llm/options.ts'
export type { ModelRates } from './meters/llm/rules/ratecard.ts'
export { mistral } from './meters/mistral.ts'
export { openai } from './meters/openai.ts'
export type { MeterPlatform, MeterPlugin } from './meters/plugin.ts'
export { qianfan } from './meters/qianfan.ts'
export type { McpAccess, McpOptions, McpTerms } from './protocols/mcp/options.ts'
export { mcp } from './protocols/mcp/plugin.ts'
export type { ProtocolPlugin } from './protocols/plugin.ts'
export { reported, type ReportedOptions } from './meters/reported.ts'
export { bearer, type BearerOptions } from './rails/bearer.ts'
export type { TokenPlace } from './rails/places.ts'
export { keys, type KeysOptions, type KeysRail, type SelfServiceOptions } from './rails/keys/keys.ts'
export { mpp, type MppOptions } from './rails/mpp/mpp.ts'
export type { StripeChargeOptions } from './rails/mpp/stripe.ts'
export { packs } from './rails/packs/packs.ts'
export { receipt } from './rails/receipt.ts'
export { crawl, type CrawlerTerms, type CrawlOptions } from './rails/crawl/crawl.ts'
export { x402 } from './rails/x402/rail.ts'
export type { FacilitatorOptions, X402Options } from './rails/x402/rules/options.ts'
export type { X402Token } from './rails/x402/rules/requirements.ts'
export { openapi, type OpenapiOptions } from './discovery/openapi.ts'
export type { DiscoveryDocument } from './discovery/plugin.ts'
export { x402Listing, type X402ListingOptions } from './discovery/x402listing.ts'
export { alerts } from './alerts/alerts.ts'
export type { AlertReceiver, AlertsOptions, AlertThreshold } from './alerts/options.ts'
export { health } from './health/health.ts'
export { dashboard, type DashboardOptions } from './operator/dashboard.ts'
export { anomalies, type AnomaliesOptions, type WatchedSignal } from './operator/anomalies.ts'
export { metrics, type MetricsOptions } from './operator/metrics.ts'
export { html } from './refusals/html.ts'
export { searchCrawlers, type SearchCrawlersOptions } from './exemptions/crawlers/searchcrawlers.ts'
export { verifiedAgents, type VerifiedAgentsOptions } from './exemptions/verifiedagents/verifiedagents.ts'
export { freeReading, type FreeReadingOptions } from './exemptions/freereading/freereading.ts'
export type { ExemptionPlugin } from './exemptions/exemption.ts'
export { linkPreviews } from './refusals/linkpreviews.ts'
export { markdown, plainText } from './refusals/text.ts'
export { openmeter, type OpenMeterOptions } from './usage/openmeter.ts'
export { queue, type QueueOptions } from './usage/queue.ts'
export type { UsageSink } from './usage/sink.ts'
export { signed, type SignedOptions } from './usage/webhook.ts'
