/** A Worker that charges one ledger as it is told. */
import type { ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'

export { LedgerObject as Ledger }

interface Objects {
  readonly LEDGER: DurableObjectNamespace<LedgerObject>
}

export default {
  async fetch(request: Request, { LEDGER }: Objects): Promise<Response> {
    const ledger = LEDGER.getByName('account')
    const { searchParams } = new URL(request.url)
    const id = searchParams.get('id')
    const after = searchParams.get('after')
    if (after !== null) return json(await ledger.history({ most: 500, ...(after === '' ? {} : { after }) }))
    if (id === null) return json(await ledger.takeOutbox(1_000_000))
    const answer = await ledger.charge(commandOf(id))
    const isCharged = answer.ok && answer.value.kind === 'charged'
    return new Response(null, { status: isCharged ? 200 : 503 })
  },
} satisfies ExportedHandler<Objects>

function commandOf(id: string): ChargeCommand {
  return { id, counts: [{ name: 'requests', units: 1n }], limits: [], settleByMs: Date.now() + 60_000, facts: {} }
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)))
}
