/** Request fields that caches leave out of their keys and applications read all the same. */

/** What is known to have changed an answer somewhere: frameworks, proxies, CDNs, load balancers, and the lists of those who look for it. */
export const UNKEYED = `
Accept Accept-Charset Accept-Datetime Accept-Encoding Accept-Language Accept-Version Access-Control-Request-Headers
Access-Control-Request-Method Access-Control-Request-Private-Network Akamai-Origin-Hop Alt-Used Amz-Sdk-Request Api-Version
App App-Env App-Key Available-Dictionary Base-Url Cache-Control Cache-Info Cdn-Loop Cf-Connecting-Ip Cf-Connecting-Ipv6
Cf-Ew-Via Cf-Ipcountry Cf-Ray Cf-Visitor Cf-Worker Client-Ip Clientip Cluster-Client-Ip Cloudfront-Forwarded-Proto
Cloudfront-Is-Mobile-Viewer Cloudfront-Viewer-Country Content-Disposition Content-Encoding Content-Language Content-Length-X
Content-Location Content-Md5 Content-Security-Policy Content-Type Contact Correlation-Id Dct Device-Memory Destination Dnt
Downlink Dpr Early-Data Ect Env Error Etag Expires Fastly-Client-Ip Fastly-Ff Fastly-Ssl Fastly-Orig-Accept-Encoding Format
Forwarded Forwarded-For Forwarded-Host Forwarded-Proto From Front-End-Https Ghost-Preview Host-Name Hosti Http-Url If If-Match
If-Modified-Since If-None-Match If-Range If-Unmodified-Since Invoke-Transform Kiss-Rpc Languages Last-Event-Id Last-Modified
Link Lang Locale Location Max-Forwards Mode Negotiate Next-Action Next-Router-Prefetch Next-Router-State-Tree Next-Url
Nonce Notlocalized Operation-Timeout Origin Override Overwrite Page Partner Ping-From Platform Pragma Prefer Priority Proxy
Proxy-Host Proxy-Url Purpose Range Real-Ip Redirect Referer Referrer Remote-Addr Remote-Host Request-Id Request-Uri Rsc Rtt
Save-Data Sec-Ch-Ua Sec-Ch-Ua-Arch Sec-Ch-Ua-Mobile Sec-Ch-Ua-Platform Sec-Ch-Prefers-Color-Scheme Sec-Fetch-Dest
Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-Gpc Sec-Purpose Sec-Websocket-Protocol Service-Worker Service-Worker-Navigation-Preload
Session Shopify-Preview Slug Soapaction Source-Map Status Surrogate-Capability Surrogate-Control Tenant Theme Timeout Timing-Allow-Origin
Title Tracestate True-Client-Ip True-Client-Port Turbo-Frame Ua-Cpu Upgrade-Insecure-Requests Uri Url User User-Agent User-Agent-Via
Username Varnish Vary Version Via Viewport-Width Want-Digest Warning Width X-Abtest X-Access-Token X-Accel-Redirect
X-Accept-Charset X-Akamai-Device-Characteristics X-Akamai-Edgescape X-Alto-Ajax-Key X-Amz-Cf-Id X-Amz-Date X-Amz-Security-Token
X-Amz-Server-Side-Encryption X-Amz-Website-Redirect-Location X-Amzn-Trace-Id X-Api-Key X-Api-Version X-App-Version X-Appengine-Country
X-Arr-Ssl X-Att-Deviceid X-Authentication-User X-Azure-Clientip X-Azure-Ref X-B3-Traceid X-Backend X-Backend-Host X-Base-Url
X-Bluecoat-Via X-Cache-Hash X-Callback X-Canary X-Cdn X-Cf-Url X-Client-Geo-Location X-Client-Ip X-Clientip X-Cluster-Client-Ip
X-Coming-From X-Content-Type-Options X-Correlation-Id X-Country-Code X-Csrf-Token X-Currency X-Custom-Ip-Authorization X-Debug
X-Debug-Mode X-Device-Type X-Device-User-Agent X-Dns-Prefetch-Control X-Do-Not-Track X-Domain X-Drupal-Cache-Contexts
X-Envoy-External-Address X-Envoy-Original-Path X-Error X-Feature-Flag X-Fb-Http-Engine X-Forward X-Forward-For X-Forward-Host
X-Forward-Proto X-Forwarded X-Forwarded-By X-Forwarded-Client-Cert X-Forwarded-Context X-Forwarded-For X-Forwarded-Host
X-Forwarded-Path X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Proto X-Forwarded-Protocol X-Forwarded-Scheme X-Forwarded-Server
X-Forwarded-Ssl X-Forwarded-Uri X-Forwarded-Url X-Forwarder-For X-From X-From-Ip X-Frontend-Host X-Gateway-Host X-Geoip-Country
X-Goog-Authenticated-User-Email X-Grafana-Org-Id X-Host X-Host-Override X-Http-Destinationurl X-Http-Host-Override X-Http-Method
X-Http-Method-Override X-Http-Path-Override X-Https X-Id X-If-Unmodified-Since X-Inertia X-Inertia-Version X-Ip X-Ip-Country
X-Jwt-Assertion X-Language X-Level3-Client-Ip X-Litespeed-Vary X-Locale X-Magento-Vary X-Method-Override X-Middleware-Prefetch
X-Middleware-Rewrite X-Middleware-Subrequest X-Mobile X-Msisdn X-Ms-Client-Principal X-Ms-Original-Url X-Nextjs-Data X-Nf-Client-Connection-Ip
X-Now-Route-Matches X-Now-Url X-Operamini-Phone X-Operamini-Phone-Ua X-Origin X-Original-Cookie X-Original-Host X-Original-Method
X-Original-Path X-Original-Remote-Addr X-Original-Url X-Original-User-Agent X-Originating-Ip X-Oss-Process X-Override-Url X-Path-Info
X-Pjax X-Pjax-Container X-Prefetch X-Preview X-Profile X-Protocol-Scheme X-Proto X-Proxied-For X-Proxy-Host X-Proxy-Url X-Proxyuser-Ip
X-Purpose X-Real-Host X-Real-Ip X-Real-Url X-Ref X-Region X-Remote-Addr X-Remote-Ip X-Remote-User X-Replaced-Path X-Request-Id
X-Request-Uri X-Requested-With X-Response-Format X-Rewrite-Uri X-Rewrite-Url X-Robots X-Sakura-Forwarded-For X-Scheme X-Server-Name
X-Shopify-Api-Features X-Shopify-Shop-Domain X-Site X-Sorting-Hat-Shopid X-Ssl X-Subdomain X-Tenant X-Tenant-Id X-Theme X-Timer
X-Timezone X-Token X-True-Client-Ip X-Ua-Device X-Ucbrowser-Device X-Uidh X-Upstream X-Url-Scheme X-User X-User-Agent X-User-Id
X-Varnish X-Vercel-Forwarded-For X-Vercel-Ip-Country X-Vercel-Proxied-For X-Version X-Via X-Wap-Profile X-Webkit-Csp
X-Wiki-Id X-Wp-Nonce X-Xhr-Referer X-Xsrf-Token X-Yottaa-Metrics X-Zope-Url Xroxy-Connection Z-Forwarded-For
`
  .trim()
  .split(/\s+/)

/** Fields by which a reader says who he is, in the spellings that some server takes for them. */
export const CREDENTIALS = [
  'Authorization: Basic',
  'Authorization: Digest username=',
  'Authorization: Negotiate',
  'AUTHORIZATION: Token',
  'X-Authorization: Bearer',
  'X-Auth-Token:',
  'X_Authorization:',
  'Cookie: session=',
  'COOKIE: a=1; lang=',
  'Cookie2: $Version=',
  'X-Cookie: session=',
  'Set-Cookie: session=',
  'Faregate-Subject:',
  'Faregate_Subject:',
  'Faregate-Plan:',
  'Faregate-Failure:',
  'Faregate-Cache-Control:',
  'Proxy-Authorization: Basic',
] as const
