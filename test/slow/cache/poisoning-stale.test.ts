import { beforeEach, describe, expect, it } from 'vitest'
import { askAll } from '../attacks/wire.ts'
import { speakers } from './leak-client.ts'
import { naming } from './poisoning-fields.ts'
import { get, paying, startGate, token } from './poisoning-gate.ts'
import { attacks } from './poisoning-requests.ts'
import { attacking, harmed, page, type Strike, visit } from './poisoning-strike.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate())
const attacker = paying(await token({ account: 'the-attacker' }))
const victim = paying(await token())
beforeEach(() => gate.origin.forget())

const all = attacks()
const isRead = ({ method = 'GET' }: { method?: string }): boolean => method === 'GET' || method === 'HEAD'

describe('Whoever asks while the copy is stale', () => {
  it.each(['/paid/stale', '/free/confirms', '/plan/confirms', '/free/behind'])(
    'changes nothing of what the next reader of %s gets',
    async (under) => {
      const isPaid = !under.startsWith('/free')
      const strike: Strike = {
        attacks: all.filter(isRead),
        under,
        attacker: isPaid ? attacker : [],
        victim: isPaid ? victim : [],
      }
      await visit(gate, strike) // the copies, all stale at once
      const [first] = await askAll(gate.port, [get(page(under, 99_999), ...(strike.victim ?? []))])
      expect(first?.status).toBe(200)
      await askAll(gate.port, attacking(strike))
      expect(await harmed(gate, strike, await visit(gate, strike))).toEqual([])
    },
  )
})

/** Attackers ask, and while the origin thinks about it their victims do. */
async function race(strike: Strike): Promise<{ found: string[]; asked: number }> {
  const { under, attacks: tried, victim: own = [] } = strike
  const release = gate.origin.hold()
  const first = speakers(gate.port, attacking(strike))
  await Promise.all(first.map(({ sent }) => sent))
  await gate.origin.came(under, tried.length / 2)
  const victims = speakers(
    gate.port,
    tried.map((_, index) => get(page(under, index), ...own)),
  )
  await Promise.all(victims.map(({ sent }) => sent))
  release()
  const answers = await Promise.all(victims.map(({ answer }) => answer))
  await Promise.all(first.map(({ answer }) => answer))
  const asked = gate.origin.arrivals.filter(({ target }) => target.startsWith(under)).length
  return { found: await harmed(gate, strike, answers), asked }
}

describe('Whoever asks just before another', () => {
  it.each(['/free/held', '/paid/held'])('changes nothing of what both wait for at %s', async (under) => {
    const isPaid = !under.startsWith('/free')
    const tried = all.filter((attack) => isRead(attack) && attack.host === undefined && attack.target === undefined)
    const payers = isPaid ? { attacker, victim } : {}
    const { found, asked } = await race({ attacks: tried, under, ...payers })
    expect(found).toEqual([])
    // Parts, HEAD and `no-store` are answered alone; all others share.
    expect(asked).toBeLessThan(tried.length * 1.2)
  })

  it.each(['accept', 'accept-language', 'x-tenant', 'user-agent', 'origin'])(
    'has his value of %s in no failure that another shares',
    async (name) => {
      const { found } = await race({ attacks: naming(name), under: `/free/failing~${name}` })
      expect(found).toEqual([])
    },
  )
})
