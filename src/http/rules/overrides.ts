/**
 * Request fields by which a client could speak for a proxy: name a target, host or method other than the one decided on,
 * or an identity. Proxies, frameworks and gateways read these fields. No known field of this kind reaches an origin from
 * a client.
 */

function names(text: string): string[] {
  return text.trim().split(/\s+/)
}

const TARGETS = names(`
  base-url destination-url http-url path-info path-translated proxy proxy-url redirect redirect-url request-uri request-url
  script-name target-url uri url
  x-accel-redirect x-api-path x-app-path x-astro-locals x-astro-path x-backend-url x-destination-path x-destination-url
  x-forward-path x-forward-uri x-forward-url x-http-destinationurl x-http-path-override x-http-url-override
  x-lighttpd-send-file x-matched-path x-middleware-rewrite x-middleware-subrequest x-ms-original-url
  x-ms-request-url x-nextjs-matched-path x-nextjs-rewrite x-now-route-matches x-nuxt-path x-orig-path x-orig-uri x-orig-url
  x-overridden-url x-path x-path-info x-path-override x-proxy-path x-proxy-request x-proxy-target x-proxy-uri x-proxy-url
  x-react-router-prerender-data x-react-router-spa-mode x-real-path x-real-uri x-real-url x-redirect x-redirect-to
  x-redirect-uri x-redirect-url x-reproxy-url x-request-path x-request-target x-request-uri x-request-url x-requested-path
  x-requested-uri x-requested-url x-resource-path x-rest-path x-route x-route-path x-route-request x-router-path x-script-name
  x-sendfile x-target-path x-target-uri x-target-url x-upstream-path x-upstream-uri x-upstream-url x-uri x-url
  x-url-override x-url-path x-url-rewrite x-url-scheme x-waws-unencoded-url unencoded-url wl-proxy-path
`)

const HOSTS = names(`
  disguised-host forwarded host-override proxy-host x-backend-host x-disguised-host x-forward-host x-forward-proto
  x-host x-host-override x-http-host-override x-orig-host x-override-host x-proxy-host x-proxy-scheme x-real-host
  x-scheme x-server-name x-service-host x-target-host x-upstream-host x-vhost x-vhost-request
`)

const METHODS = names(`
  http-method http-method-override method-override x-forward-method x-http-method x-http-method-override x-http-verb
  x-method x-method-override x-orig-method x-override-method x-request-method x-requested-method x-rest-method
  x-tunneled-method x-verb-override
`)

const IDENTITIES = names(`
  auth-user cf-access-authenticated-user-email client-cert client-cert-chain impersonate-group impersonate-uid
  impersonate-user remote-addr remote-email remote-groups remote-name remote-user
  wl-proxy-client-cert wl-proxy-client-ip x-anonymous-consumer x-arr-clientcert x-authenticated-email
  x-authenticated-groups x-authenticated-scope x-authenticated-user x-authenticated-userid x-client-cert x-client-dn
  x-client-verify x-credential-identifier x-credential-username x-custom-ip-authorization x-logged-in-user x-remote-group
  x-remote-groups x-remote-user x-remote-user-email x-sso-user x-ssl-cert x-tls-client-cert x-userinfo x-vouch-user
  x-webauth-email x-webauth-groups x-webauth-name x-webauth-user
`)

const LEADING = new Set([...TARGETS, ...HOSTS, ...METHODS])
const NAMING = new Set(IDENTITIES)

/** Families of fields, each written by one proxy. A client may write no member of a family, known or not. */
const LEADING_FAMILIES =
  /^x-(?:forwarded(?!-for$|-access-token$)|original|rewrite|override|replaced|invoke|envoy)(?:-|$)/
const NAMING_FAMILIES =
  /^(?:x-(?:forwarded-(?:user|email|groups|preferred-username)|authentik|consumer|remote-extra|ssl-client|client-cert|tls-client|auth-request(?!-access-token$)|goog-authenticated-user|amzn-oidc-identity|ms-client-principal|pomerium-claim)|ssl-client|impersonate-extra)(?:-|$)/

/**
 * Returns true for a field by which a proxy states an identity. `name`: in lower case, `-` for all but letters and
 * digits.
 */
export function isIdentity(name: string): boolean {
  return NAMING.has(name) || NAMING_FAMILIES.test(name)
}

/** Returns true for a field of any of these kinds. `name`: in the same spelling. */
export function isOverride(name: string): boolean {
  return LEADING.has(name) || LEADING_FAMILIES.test(name) || isIdentity(name)
}
