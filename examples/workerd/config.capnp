# `npx wrangler deploy --dry-run --outdir out` in ../worker makes the module. Then: `workerd serve config.capnp`.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "paywall", worker = .paywall),
    (name = "ledgers", disk = (path = "ledgers", writable = true)),
    # "public" alone in production: no request of the gate then reaches a private network.
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true)))
  ],
  # TLS ends at a proxy before it, which says so in this field; else tokens are refused as sent over plain http.
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (forwardedProtoHeader = "X-Forwarded-Proto"), service = "paywall")]
);

const paywall :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "../worker/out/worker.js")],
  compatibilityDate = "2026-10-20",
  compatibilityFlags = ["enable_request_signal"],
  durableObjectNamespaces = [(className = "Ledger", uniqueKey = "paywall-ledger", enableSql = true)],
  durableObjectStorage = (localDisk = "ledgers"),
  bindings = [
    (name = "LEDGER", durableObjectNamespace = "Ledger"),
    (name = "ORIGIN_URL", fromEnvironment = "ORIGIN_URL"),
    (name = "ACCOUNT_HASH_KEY", fromEnvironment = "ACCOUNT_HASH_KEY")
  ]
);
