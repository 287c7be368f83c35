import { openLedger } from '../../src/ledger/rules/place.ts'
import { bearer, keys } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { objectsOf } from '../../src/platform/cloudflare/ledgers.ts'
import { hashOf } from '../../src/rails/keys/format.ts'
import { BENCH_KEY_ID, BENCH_OWNER } from './benchkey.ts'
import { siteOptions } from './options.ts'

const options = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] }, rails: [bearer(), keys()] })
const Worker = faregate((env) => {
  const config = typeof options === 'function' ? options(env) : options
  return { ...config, secrets: { gate: 'ACCOUNT_HASH_KEY' } }
})

let isIssued = false

/** The Worker that is deployed, with API keys. The first request that brings the key makes its record. */
const Gate = {
  fetch(request: Request, env: object, ctx: ExecutionContext): Response | Promise<Response> {
    if (isIssued || !isWithKey(request)) return Worker.Gate.fetch(request, env, ctx)
    isIssued = true
    return issue(request, env).then(() => Worker.Gate.fetch(request, env, ctx))
  },
}

function isWithKey({ headers }: Request): boolean {
  return headers.get('authorization')?.startsWith('Bearer fg_') === true
}

async function issue(request: Request, env: object): Promise<unknown> {
  const text = request.headers.get('authorization')?.slice('Bearer '.length) ?? ''
  const objects = objectsOf({ ...env })
  const zone = { id: 'bench', places: { own: {}, shared: {} } }
  const ledger = objects && openLedger(objects.ledgers, zone, { from: 'account', ...BENCH_OWNER })
  return ledger?.order('issueCredential', {
    most: 1,
    credential: {
      kind: 'key',
      id: BENCH_KEY_ID,
      name: 'bench',
      createdAt: Date.now(),
      createdBy: 'bench',
      secrets: [{ hash: hashOf(text), generation: 1 }],
      entitlements: ['premium'],
      limits: [],
      accountLimits: [],
    },
  })
}

const { Origin, Ledger } = Worker
export { Gate as default, Ledger, Origin }
