import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createServices, type Services } from '../../../../src/services.ts'
import { bearer, defineConfig, receipt, type RouteOptions } from '../../../../src/index.ts'
import { handle } from '../../../../src/paywall.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { ratesOf } from '../../../../src/platform/cloudflare/rates.ts'
import { listed, compiled } from '../../../support/compiled.ts'
import given from '../../../support/config.ts'
import { createBackground, worldOrigin, realObjects } from '../../../support/services.ts'
import { accountLedger } from '../../../support/ledger.ts'
import { createWorld, type World } from '../../../support/world.ts'
import { ledgerOf } from '../../objects.ts'
import { web } from '../../../../src/platform/web/index.ts'

/** A rate limit of the platform that a test drives. */
export const limiter = vi.fn<(options: { key: string }) => Promise<{ success: boolean }>>()
const bindings = { ...env, API_RATE: { limit: limiter }, OTHER_RATE: { limit: limiter } }
export const BOUND = [{ binding: 'API_RATE', seconds: 60 as const }]
const quotas = [{ name: 'calls', unit: 'requests', quota: 2, window: 3600 }]
const price = { amount: '0.25', currency: 'USD' }

const routes: RouteOptions[] = [
  { path: '/two/*', requires: 'premium', rates: [{ requests: 2, seconds: 60 }] },
  { path: '/other/*', requires: 'premium', rates: [{ requests: 2, seconds: 60 }] },
  { path: '/hundred/*', requires: 'premium', rates: [{ requests: 100, seconds: 60 }] },
  { path: '/both/*', requires: 'premium', quotas, rates: [{ requests: 3, seconds: 60 }] },
  { path: '/bound/*', requires: 'premium', rates: BOUND },
  { path: '/bound-two/*', requires: 'premium', rates: [{ binding: 'OTHER_RATE', seconds: 10 }, ...BOUND] },
  { path: '/real/*', requires: 'premium', rates: [{ binding: 'TEST_RATE', seconds: 60 }] },
  { path: '/bound-metered/*', requires: 'premium', quotas, rates: BOUND },
  { path: '/reports/*', price, rates: [{ requests: 2, seconds: 60 }] },
  { path: '/bound-reports/*', price, rates: BOUND },
]

const config = defineConfig((vars) => {
  const { zones, ...rest } = listed(given, vars)
  return { ...rest, zones: zones.slice(0, 1).map((zone) => ({ ...zone, rails: [bearer(), receipt()], routes })) }
})

/** The pipeline with real ledgers, before the world's origin, and an account that no other test has. */
export class Gate {
  readonly services: Services
  readonly world: World
  readonly account = `account ${crypto.randomUUID()}`
  readonly background = createBackground()

  constructor(world: World) {
    this.services = createServices(compiled(config, bindings), {
      ...web({}),
      ...realObjects(),
      rates: ratesOf(bindings),
    })
    this.world = world
  }

  async ask(path: string, init: RequestInit = {}, over: Partial<Services> = {}): Promise<Response> {
    const request = new Request(`https://news.test${path}`, init)
    return handle(request, { ...this.services, ...over }, worldOrigin(this.world), this.background.waitUntil)
  }

  /** Their statuses, each asked when all of the one before has been settled. */
  async askInTurn(times: number, path: string, init: RequestInit = {}): Promise<number[]> {
    const statuses: number[] = []
    for (let time = 0; time < times; time++) {
      const response = await this.ask(path, init)
      await response.text()
      await this.background.settled()
      statuses.push(response.status)
    }
    return statuses
  }

  token(claims: Record<string, unknown> = {}): Promise<string> {
    return this.world.token({ sub: this.account, ...claims })
  }

  paid(claims: Record<string, unknown> = {}): Promise<string> {
    return this.world.receipt({ jti: `${this.account} receipt`, ...price, resource: '/*', ...claims })
  }

  ledger(): DurableObjectStub<LedgerObject> {
    return ledgerOf(accountLedger(this.account))
  }
}

export async function openGate(): Promise<Gate> {
  limiter.mockReset().mockResolvedValue({ success: true })
  return new Gate(await createWorld())
}
