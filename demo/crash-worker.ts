import { faregate, type Ledger as LedgerObject } from '../src/platform/cloudflare/index.ts'
import { bearer, credit, receipt } from '../src/index.ts'
import type { Read, ReadRecord } from './crash-audit.ts'

/**
 * A site whose every page is paid, from credit or with a receipt: `demo/crash.ts` kills it under load, or resets its ledgers. Its time limits are
 * short, so that a charge which nobody settled is closed two seconds after its request came.
 */
const {
  Gate,
  Origin,
  Ledger: SilentLedger,
} = faregate((env) => ({
  endpoints: [credit()],
  zones: [
    {
      name: 'crash',
      hosts: ['127.0.0.1'],
      audience: 'https://crash.example',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      rails: [bearer(), receipt()],
      origin: {
        servers: [{ url: env['ORIGIN_URL'] ?? '' }],
        limits: { responseSeconds: 1, maxSessionSeconds: 1 },
      },
      routes: [
        {
          path: '/metered/*',
          price: { amount: '0.01', currency: 'USD' },
          quotas: [{ name: 'requests', quota: 1_000_000_000, window: 'P1D' }],
          cache: 'off',
        },
        { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
      ],
      unmatched: 'closed',
      remedies: { documentation: 'https://crash.example/problems' },
    },
  ],
}))

type Resettable = LedgerObject & { reset(): void }

interface Objects {
  readonly LEDGER: DurableObjectNamespace<Resettable>
}

/** The gate; and beside it, for the script alone, what each ledger holds whose name is sent, or its reset. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname !== '/ledgers' && pathname !== '/resets') return Gate.fetch(request, env, ctx)
    const names = await request.json<string[]>()
    if (pathname === '/ledgers') {
      return Response.json(await Promise.all(names.map((name) => read(name, env.LEDGER.getByName(name)))))
    }
    // An object that is reset answers nothing more.
    await Promise.allSettled(names.map((name) => env.LEDGER.getByName(name).reset()))
    return new Response()
  },
} satisfies ExportedHandler<Objects>

const PAGE = 500

/** All that a ledger would have sent to billing, which it then forgets, and where it stands. */
async function read(name: string, ledger: DurableObjectStub<Resettable>): Promise<Read> {
  const records: ReadRecord[] = []
  for (;;) {
    const page = await ledger.takeOutbox(PAGE)
    if (!page.ok) throw new Error(page.error)
    if (page.value.length === 0) break
    for (const { id, kind, charge, position, at, change } of page.value) {
      const units = change.counts.reduce((sum, { units }) => sum + units, 0n)
      const money = change.price?.units ?? 0n
      records.push({ id, kind, charge, position, at, units: Number(units), money: Number(money), uses: change.uses })
    }
    await ledger.flushed(page.value.map(({ position }) => position))
  }
  const reading = await ledger.read({ receipt: { uses: 3 } })
  if (!reading.ok) throw new Error(reading.error)
  const { totals, credit, receipt } = reading.value
  const sum = (units: readonly { readonly units: bigint }[]) => Number(units.reduce((all, one) => all + one.units, 0n))
  return {
    name,
    now: Date.now(),
    records,
    charges: totals.charges,
    unsettled: totals.unsettled,
    units: sum(totals.counts),
    money: sum(totals.money),
    credit: sum(credit),
    usesLeft: receipt?.usesLeft ?? 0,
  }
}

/** Nobody is told of charges here, and no record would be kept: this one keeps them, for `read` to count. */
export class Ledger extends SilentLedger {
  protected override readonly hasOutbox = true

  /** Drops what is in memory and fails every call under way, as a deployment does. What was committed stays. */
  reset(): void {
    this.ctx.abort('reset by the crash script')
  }
}

export { Origin }
