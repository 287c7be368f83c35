import { describe, expect, it } from 'vitest'
import { askAll } from '../attacks/wire.ts'
import { mistaking, naming, NAMES } from './poisoning-fields.ts'
import { get, paying, startGate, token } from './poisoning-gate.ts'
import { strikes } from './poisoning-strike.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate())
const attacker = paying(await token({ account: 'the-attacker' }))
const victim = paying(await token())

describe('Where the origin depends on a field', () => {
  it.each([
    ['vary', 'says so'],
    ['absent', 'says so only in its answer to those who do not send it'],
    ['present', 'says so only in its answer to those who send it'],
  ])('and %s: %s, no one’s value of it is in what others get', async (kind) => {
    const found: string[] = []
    for (const route of ['/free', '/paid'] as const) {
      for (const name of NAMES) {
        const paid = route === '/paid'
        const under = `${route}/${kind}~${name}`
        const strike = { attacks: naming(name), under, attacker: paid ? attacker : [], victim: paid ? victim : [] }
        found.push(...(await strikes(gate, strike)))
      }
    }
    expect(found).toEqual([])
  })

  it('and tells of its fields one by one, no one is answered as if he had not sent the last', async () => {
    const fields = ['X-A: 1', 'X-B: 2', 'X-C: 3', 'X-D: 4']
    await askAll(gate.port, [get('/free/further/1', ...fields)])
    const [answer] = await askAll(gate.port, [get('/free/further/1', ...fields)])
    expect(answer?.body).toContain('x-d: 4')
  })

  const spelled = NAMES.filter((name) =>
    /^(?:accept|api|next|origin|prefer|referer|true|user-agent|x-(?:tenant|api|requ|real))/.test(name),
  )

  it.each(spelled)('%s, who sends one value is not answered for another', async (name) => {
    const strike = { attacks: mistaking(name), under: `/free/vary~${name}`, victim: [`${name}: acme`] }
    expect(await strikes(gate, strike)).toEqual([])
  })
})
