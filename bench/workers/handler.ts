import { EXPOSED_FIELDS } from '../../src/http/cors.ts'

/**
 * The refusal of the gate, written by hand: the same fields, the same body with its UUID, and the same line of log. It
 * decides nothing, and knows its one page. `/quiet` leaves the line out.
 */
const FIELDS = new Headers([
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', EXPOSED_FIELDS],
  ['Cache-Control', 'no-store'],
  ['Content-Type', 'application/problem+json'],
  ['WWW-Authenticate', 'Bearer realm="bench", scope="premium"'],
])
const SITE = 'https://billing.example.com'

let second = 0
let stamp = ''

/** The time of day in the line, and the `Date` field: both change once a second. */
function timeOf(now: number): string {
  const current = Math.floor(now / 1000)
  if (current !== second) {
    const date = new Date(now)
    second = current
    stamp = date.toISOString().slice(0, -'000Z'.length)
    FIELDS.set('Date', date.toUTCString())
  }
  return `${stamp}${String(now % 1000).padStart(3, '0')}Z`
}

export default {
  fetch(request: Request): Response {
    const now = Date.now()
    const id = crypto.randomUUID()
    const time = timeOf(now)
    const page = encodeURIComponent(request.url)
    const [checkout, signIn] = [`${SITE}/checkout?return=${page}`, `${SITE}/sign-in?return=${page}`]
    const response = new Response(
      `{"type":"${SITE}/docs/problems#payment-required","title":"Payment required","status":402,"detail":"This needs a payment or a subscription, and the request carried no credential.","instance":"urn:uuid:${id}","reason":"payment-required","check":"presented","offer":{"resource":"/articles/*","title":"Premium subscription","entitlements":["premium"]},"remedies":[{"rel":"payment","href":"${checkout}","title":"Buy access"},{"rel":"sign-in","href":"${signIn}","title":"Sign in"}]}`,
      { status: 402, headers: FIELDS },
    )
    response.headers.append(
      'Link',
      `<${checkout}>; rel="payment"; title="Buy access", <${signIn}>; rel="sign-in"; title="Sign in"`,
    )
    if (!request.url.endsWith('/quiet')) {
      console.log(
        `{"time":"${time}","id":"${id}","zone":"bench","route":"/articles/*","method":"${request.method}","status":402,"decision":"refuse","reason":"payment-required","check":"presented","totalMs":${Date.now() - now}}`,
      )
    }
    return response
  },
} satisfies ExportedHandler
