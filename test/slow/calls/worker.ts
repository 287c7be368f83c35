/** A Worker whose requests charge as the gate's do, and objects that are reset, that are slow, or of an earlier version. */
import { DurableObject } from 'cloudflare:workers'
import { sendAmendment } from '../../../src/ledger/amendment.ts'
import { createBatching } from '../../../src/ledger/batching.ts'
import type { AmendCommand, ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import { web } from '../../../src/platform/web/index.ts'

type Commands = Parameters<LedgerObject['apply']>[0]

export class Ledger extends LedgerObject {
  #calls = 0
  #held: Promise<unknown> = Promise.resolve()
  #release: (() => void) | undefined

  override async charge(command: ChargeCommand): ReturnType<LedgerObject['charge']> {
    await this.#called()
    return super.charge(command)
  }

  override async amend(command: AmendCommand): ReturnType<LedgerObject['amend']> {
    await this.#called()
    return super.amend(command)
  }

  override async apply(commands: Commands): ReturnType<LedgerObject['apply']> {
    await this.#called()
    return super.apply(commands)
  }

  #called(): Promise<unknown> {
    this.#calls += 1
    return this.#held
  }

  /** Answers nobody until it is released. */
  hold(): void {
    this.#held = new Promise<void>((resolve) => (this.#release = resolve))
  }

  release(): void {
    this.#release?.()
  }

  /** Ends it, as each deployment does: what is under way fails, and so does every stub that there is. */
  reset(): void {
    this.ctx.abort('a deployment')
  }

  async state(): Promise<unknown> {
    return { calls: this.#calls, outbox: await this.takeOutbox(1_000_000) }
  }
}

/** Takes single commands only. */
export class Earlier extends DurableObject {
  readonly #ledger = new Ledger(this.ctx, this.env)

  charge(command: ChargeCommand): unknown {
    return this.#ledger.charge(command)
  }

  amend(command: AmendCommand): unknown {
    return this.#ledger.amend(command)
  }

  state(): Promise<unknown> {
    return this.#ledger.state()
  }
}

type Objects = Readonly<Record<string, DurableObjectNamespace<Ledger>>>

const batching = createBatching(web({}))

export default {
  async fetch(request: Request, env: Objects, ctx: ExecutionContext): Promise<Response> {
    const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work)
    const { pathname, searchParams } = new URL(request.url)
    const LEDGER = env[searchParams.get('class') ?? 'LEDGER']
    const name = searchParams.get('name') ?? ''
    const ledgers = objectsOf({ LEDGER })?.ledgers
    if (LEDGER === undefined || ledgers === undefined) return new Response('no such class', { status: 404 })
    const order = ORDERS[pathname.slice(1)]
    if (order !== undefined) return order(LEDGER.getByName(name))
    const ledger = batching.share(ledgers, waitUntil)(name, {})
    const command = commandOf(pathname.slice(1))
    const asked = ledger.charge(command)
    if (searchParams.has('throws')) throw new Error('as asked')
    const answer = await asked
    const isCharged = answer.ok && answer.value.kind === 'charged'
    const delivery = isCharged ? 'complete' : 'none'
    waitUntil(sendAmendment(ledger, { charge: command.id, request: command.id, delivery }, isCharged))
    return new Response(null, { status: isCharged ? 200 : 503 })
  },
} satisfies ExportedHandler<Objects>

const ORDERS: Readonly<Record<string, (object: DurableObjectStub<Ledger>) => Promise<Response>>> = {
  state: async (object) => json(await Promise.resolve(object.state())),
  hold: (object) => object.hold().then(json),
  release: (object) => object.release().then(json),
  // It takes its caller's call down with it.
  reset: (object) =>
    object.reset().then(
      () => json('not reset'),
      () => json('reset'),
    ),
}

function commandOf(id: string): ChargeCommand {
  return { id, counts: [{ name: 'requests', units: 1n }], limits: [], settleByMs: Date.now() + 60_000, facts: {} }
}

function json(value: unknown): Response {
  return new Response(
    JSON.stringify(value ?? null, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)),
  )
}
