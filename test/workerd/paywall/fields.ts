function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

/**
 * Names by which proxies, gateways and frameworks are told of a target, host or method, as public lists of ways past an access
 * control have them, and some that no list has.
 */
export const OVERRIDE_NAMES = words(`
  Base-Url Destination Destination-Url Http-Url Link Path-Info Proxy Proxy-Url Redirect Redirect-Url Request-Uri Script-Name
  Uri Url X-Accel-Redirect X-Amzn-Requested-Path X-Api-Path X-App-Path X-Arbitrary X-Astro-Path X-Backend-Path X-Backend-Url
  X-Custom-Url X-Destination X-Destination-Path X-Destination-Url X-Envoy-Original-Path X-Forward-Path X-Forward-Url
  X-Forwarded-Path X-Forwarded-Prefix X-Forwarded-Request-Path X-Forwarded-Uri X-Forwarded-Url X-Http-DestinationUrl
  X-Http-Path-Override X-Http-Url-Override X-Invoke-Path X-Lighttpd-Send-File X-Matched-Path X-Middleware-Rewrite
  X-Ms-Original-Url X-Ms-Request-Url X-Next-Url X-Nextjs-Matched-Path X-Nextjs-Rewrite X-Orig-Uri X-Orig-Url X-Original-Path
  X-Original-Request X-Original-Request-Uri X-Original-Target X-Original-Uri X-Original-Url X-Override-Path X-Override-Target
  X-Override-Uri X-Override-Url X-Path X-Path-Info X-Path-Override X-Page X-Page-Path X-Proxy-Path X-Proxy-Request
  X-Proxy-Target X-Proxy-Url X-Real-Path X-Real-Uri X-Real-Url X-Redirect X-Redirect-To X-Redirect-Url X-Replaced-Path
  X-Reproxy-Url X-Request-Path X-Request-Target X-Request-Uri X-Request-Url X-Requested-Path X-Requested-Uri X-Requested-Url
  X-Resource X-Resource-Path X-Rewrite-Path X-Rewrite-Uri X-Rewrite-Url X-Route X-Route-Path X-Route-Request X-Router-Path
  X-Script-Name X-Sendfile X-Target X-Target-Path X-Target-Uri X-Target-Url X-Upstream-Path X-Upstream-Url X-Uri X-Url
  X-Url-Override X-Url-Path X-Url-Rewrite X-Waws-Unencoded-Url Content-Location Location Next-Url Turbo-Location
  X_Original_Url X.Rewrite.Url Wl-Proxy-Path Apply-To-Redirect-Ref
`)

/** Fields as apps, clients, tracing and webhooks send them, with values such as they have. */
export const ORDINARY: readonly (readonly [name: string, value: string])[] = [
  ['X-CSRF-Token', '/Kq5sNclPz7QV2+lfQIuc6R7oRu0='],
  ['X-CSRFToken', 'Zk3xq0pYw1kq9oQv0hXk9gqf2m5bq1rT'],
  ['X-XSRF-TOKEN', 'eyJpdiI6Ik9hZz09IiwidmFsdWUiOiIvMlF3PT0ifQ=='],
  ['X-WP-Nonce', 'a1b2c3d4e5'],
  ['X-Request-Id', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
  ['X-Correlation-Id', 'urn:uuid:3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
  ['X-Trace-Id', '463ac35c9f6413ad48485a3953bb6124'],
  ['X-B3-TraceId', '463ac35c9f6413ad48485a3953bb6124'],
  ['X-B3-SpanId', 'a2fb4a1d1a96d312'],
  ['X-B3-Sampled', '1'],
  ['b3', '463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-1'],
  ['X-Cloud-Trace-Context', '105445aa7843bc8bf206b12000100000/1;o=1'],
  ['X-Amzn-Trace-Id', 'Root=1-67891233-abcdef012345678912345678;Sampled=1'],
  ['X-Datadog-Trace-Id', '5208512171318403364'],
  ['X-Datadog-Tags', '_dd.p.tid=66f1a2b300000000,_dd.p.dm=-0'],
  ['Sentry-Trace', '771a43a4192642f0b136d5159a501700-a2fb4a1d1a96d312-1'],
  ['Baggage', 'sentry-environment=production,sentry-transaction=%2Fcheckout%2F%3Aid'],
  ['NewRelic', 'eyJ2IjpbMCwxXSwiZCI6eyJ0eSI6IkJyb3dzZXIifX0='],
  ['X-NewRelic-ID', 'VQYDVFVQGwIJUVRUBwIC'],
  ['uber-trace-id', '7f46165474d11ee5:9d2a4a0b:0:1'],
  ['X-Instana-T', '4bf92f3577b34da6'],
  ['X-Hub-Signature-256', 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'],
  ['X-GitHub-Event', 'pull_request_review'],
  ['X-GitHub-Delivery', '72d3162e-cc78-11e3-81ab-4c9367dc0958'],
  ['X-GitHub-Api-Version', '2022-11-28'],
  ['X-Gitlab-Event', 'Push Hook'],
  ['X-Gitlab-Token', 'glwt/9aF+Zq=='],
  ['Stripe-Signature', 't=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd'],
  ['Stripe-Version', '2025-09-30.clover'],
  ['X-Shopify-Topic', 'orders/create'],
  ['X-Shopify-Hmac-Sha256', '/XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM='],
  ['X-Twilio-Signature', '0/KCTR6DLpKmkAf8muzZqo1nDgQ='],
  ['X-Slack-Signature', 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
  ['X-Slack-Request-Timestamp', '1531420618'],
  ['X-Zm-Signature', 'v0=25fcbb2c6d0d6b5f0c0c7a05ecdf5a9ff8dbd2f3'],
  ['svix-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo='],
  ['webhook-signature', 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
  ['X-Goog-Resource-URI', 'https://www.googleapis.com/calendar/v3/calendars/primary/events?alt=json'],
  ['X-Goog-Channel-ID', '4ba78bf0-6a47-11e2-bcfd-0800200c9a66'],
  ['X-Callback-Url', 'https://client.example/hooks/billing?ref=a/b'],
  ['X-Amz-Date', '20261122T123600Z'],
  ['X-Amz-Content-Sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['X-Amz-Target', 'DynamoDB_20120810.GetItem'],
  ['X-Api-Key', 'sk_live_51H/abc+DEF=='],
  ['X-Api-Version', '2026-01-01'],
  ['X-App-Version', 'web/1.2.3+build.5'],
  ['X-Client-Info', 'supabase-js-web/2.45.0'],
  ['X-Goog-Api-Client', 'gl-node/20.11.0 gccl/7.7.0 grpc-js/1.9'],
  ['X-Stainless-Lang', 'js'],
  ['X-Stainless-Runtime-Version', 'v20.11.0'],
  ['anthropic-version', '2023-06-01'],
  ['OpenAI-Beta', 'assistants=v2'],
  ['X-Feature-Flags', 'new-checkout=on; dark-mode=off; exp/42=b'],
  ['X-Device-Id', 'AEBE52E7-03EE-455A-B3C4-E57283966239'],
  ['X-Timezone', 'America/Argentina/Buenos_Aires'],
  ['X-Locale', 'de-CH'],
  ['X-Tenant-Id', 'acme.example'],
  ['X-Inertia', 'true'],
  ['X-Inertia-Version', '6b16b94d7c51cbe5b1fa42aac98241d5'],
  ['Turbo-Frame', 'comments_42'],
  ['HX-Request', 'true'],
  ['HX-Current-URL', 'https://news.test/articles/1'],
  ['X-Livewire', '1'],
  ['X-PJAX', '#main'],
  ['RSC', '1'],
  ['Next-Router-State-Tree', '%5B%22%22%2C%7B%22children%22%3A%5B%22__PAGE__%22%2C%7B%7D%5D%7D%5D'],
  ['Apollo-Require-Preflight', 'true'],
  ['apollographql-client-name', '@acme/web-app'],
  ['X-Parse-Application-Id', 'myAppId'],
  ['X-Recaptcha-Token', '03AFcWeA6vTq/_-x.y'],
  ['X-Signature', '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDA=='],
  ['X-Client-Data', 'CIe2yQEIpLbJAQipncoBCMKTywE='],
  ['X-Upload-Content-Type', 'image/png'],
  ['Upload-Metadata', 'filename d29ybGQucGRm,is_confidential'],
  ['Tus-Resumable', '1.0.0'],
  ['Soapaction', '"urn:example:GetPrice"'],
  ['X-Ratelimit-Bypass', '100%'],
]
