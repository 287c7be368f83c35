/** Who takes usage: one of these. Each may be told the same twice, and knows it by its id. */
export type UsageOptions = SignedUsageOptions | QueueUsageOptions | OpenMeterUsageOptions | StripeUsageOptions

/** Takes batches of CloudEvents, each signed in `Faregate-Signature`. */
export interface SignedUsageOptions {
  /** https, or http on loopback. A batch is taken when the answer is 2xx; else the same comes again. */
  url: string
  /** Names the environment's secret that signs: at least 32 bytes. */
  secret: string
}

/** A Cloudflare Queue takes the same CloudEvents, each as one JSON message. */
export interface QueueUsageOptions {
  /** Names the environment's binding of a queue's producer. */
  queue: string
}

/** OpenMeter takes a CloudEvent of the type `faregate.usage` for each closed charge, with what is kept of it. */
export interface OpenMeterUsageOptions {
  openmeter: {
    /** Without `/api/v1/events`. https, or http on loopback. */
    url: string
    /** Names the environment's secret that is sent as `Bearer`. */
    token: string
  }
}

/** Stripe takes meter events of what is counted. Accounts are its customers, by id: `cus_…`; others are not told. */
export interface StripeUsageOptions {
  stripe: {
    /** Names the environment's secret that holds the API key. One that may only write meter events is enough. */
    key: string
    /** From the name of a quota to the `event_name` of a meter that sums: `{ requests: 'api_requests' }`. */
    meters: Record<string, string>
    /** Default `https://api.stripe.com`. */
    url?: string
  }
}
