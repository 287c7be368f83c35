import { describe, expect, it } from 'vitest'
import { askAll, fieldOf } from '../attacks/wire.ts'
import { get, paying, startGate, token, written } from './poisoning-gate.ts'
import { attacks } from './poisoning-requests.ts'
import { page } from './poisoning-strike.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate())

const HOSTS = { one: 'localhost', two: 'two.localhost' } as const
const both = [
  ['one', 'two'],
  ['two', 'one'],
] as const

describe('Two zones with the same paths', () => {
  const tricks = attacks().filter(
    ({ by, host, target }) => host !== undefined || target !== undefined || /host|forwarded|url|uri|domain/i.test(by),
  )

  it.each(both)(
    'whatever a reader of zone %s says of its host, no one in zone %s gets what he got',
    async (from, to) => {
      for (const route of ['/paid', '/free', '/account', '/unnamed']) {
        const under = `${route}/reflect~${from}`
        const mine = paying(await token({ zone: from }))
        const its = paying(await token({ zone: to }))
        await askAll(
          gate.port,
          tricks.map(({ method = 'GET', fields = [], body, host, target = (path) => path }, index) => {
            const named = `Host: ${HOSTS[from]}`
            const swapped = (host ?? named).replaceAll('two.localhost', HOSTS[to])
            return written({
              line: `${method} ${target(page(under, index))}`,
              host: swapped,
              fields: [...mine, ...fields],
              body,
            })
          }),
        )
        const answers = await askAll(
          gate.port,
          tricks.map((_, index) =>
            written({ line: `GET ${page(under, index)}`, host: `Host: ${HOSTS[to]}`, fields: its }),
          ),
        )
        const own = `x-forwarded-host: ${HOSTS[to]}\n`
        expect(
          tricks.filter((_, index) => !answers[index]?.body.includes(own)).map(({ by }) => `${under}: ${by}`),
        ).toEqual([])
      }
      expect(tricks.length).toBeGreaterThan(150)
    },
  )

  it.each(both)('a token of zone %s opens nothing that is kept in zone %s', async (from, to) => {
    const good = paying(await token({ zone: to }))
    const wrong = paying(await token({ zone: from }))
    const ask = async (host: string, fields: readonly string[]): Promise<(number | undefined)[]> => {
      const paths = ['/paid', '/account', '/plan', '/private', '/articles'].map((route) => `${route}/kept~zones`)
      const answers = await askAll(
        gate.port,
        paths.map((path) => written({ line: `GET ${path}`, host: `Host: ${host}`, fields })),
      )
      return answers.map((answer) => answer?.status)
    }
    expect(await ask(HOSTS[to], good)).toEqual([200, 200, 200, 200, 200])
    expect(await ask(HOSTS[to], wrong)).toEqual([402, 402, 402, 402, 402])
    expect(await ask(HOSTS[to].toUpperCase(), wrong)).toEqual([402, 402, 402, 402, 402])
    expect(await ask(`${HOSTS[to]}.`, wrong)).toEqual([402, 402, 402, 402, 402])
  })

  it('a name of the same zone shares its copies, and only that', async () => {
    await askAll(gate.port, [get('/free/kept~names')])
    const named = ['one.localhost', 'ONE.LOCALHOST.', 'localhost:8443', 'two.localhost']
    const answers = await askAll(
      gate.port,
      named.map((host) => written({ line: 'GET /free/kept~names', host: `Host: ${host}` })),
    )
    const isHit = answers.map((answer) => answer !== undefined && /; hit/.test(fieldOf(answer, 'cache-status') ?? ''))
    expect(isHit).toEqual([true, true, true, false])
  })
})
