import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { pluginOptions } from '../../src/config/rules/pluginoptions.ts'
import { secretValue, text } from '../../src/config/rules/values.ts'
import { err, ok } from '../../src/core/result.ts'
import type { EventSource } from '../../src/endpoints/eventsource.ts'
import { sourceEndpoint } from '../../src/endpoints/sourceevents.ts'
import { zoneFaults } from '../support/compiled.ts'
import { holdSourceToContract } from './eventsource-contract.ts'
import { ISSUER } from './sourceworld.ts'

interface ToyOptions {
  secret: string
  issuer: string
}

/** A source of a test's own: a password in a field, and a body of JSON that is one account, or null. */
function toy(options: ToyOptions): EventSource {
  const { faults, read } = pluginOptions(
    ({ secrets }) => v.strictObject({ secret: secretValue(secrets, 8), issuer: text }),
    options,
  )
  return {
    name: 'toy',
    path: 'toy',
    endpoint: sourceEndpoint('toy'),
    faults(bindings, { issuers }) {
      const found = faults(bindings)
      const isStranger = found.length === 0 && !issuers.includes(options.issuer)
      return isStranger ? [{ path: 'issuer', message: 'expected one of the issuers of the zone' }] : found
    },
    create(bindings) {
      const { secret, issuer } = read(bindings)
      const refused = (detail: string) => ({ kind: 'refused' as const, detail })
      return {
        name: 'toy',
        path: 'toy',
        maxBytes: 100,
        refuseUnread: (fields) => (fields.has('toy-password') ? undefined : refused('There is no password.')),
        async read(body, fields, { now }) {
          if (fields.get('toy-password') !== secret) return err(refused('It is another password.'))
          const said = new TextDecoder().decode(body)
          if (said === 'null') return ok(undefined)
          const [, id, account] = /^(evt_\d+) (\w+)$/.exec(said) ?? []
          if (id === undefined || account === undefined) return err(refused('It is no event.'))
          const statement = { kind: 'standing', at: now / 1000, standing: 'inactive' } as const
          return ok({
            id,
            resolve: async () => ok({ id, issuer, account, changes: [{ kind: 'statement', statement }] }),
          })
        },
      }
    },
  }
}

const env = { PASSWORD: 'sesame street' }
const posted = async (body: string, password = env.PASSWORD): Promise<RequestInit> => ({
  method: 'POST',
  headers: password === '' ? {} : { 'toy-password': password },
  body,
})

holdSourceToContract('of a test’s own', () => ({
  source: toy({ secret: 'PASSWORD', issuer: ISSUER }),
  now: 1_790_000_000_000,
  env,
  secrets: [env.PASSWORD, 'cus_ann'],
  genuine: (id) => posted(`${id} cus_ann`),
  idle: () => posted('null'),
  unreadable: () => posted('cus_ann'),
  unsigned: () => posted('evt_1 cus_ann', ''),
  forged: () => posted('evt_1 cus_ann', 'open'),
  given: (options) => toy(options as ToyOptions),
}))

describe('the sources of a zone', () => {
  const one = toy({ secret: 'PASSWORD', issuer: 'https://i.test' })

  it.each([
    ['none', [], []],
    ['one', [one], []],
    ['two with one path', [one, one], ['zones[0].events[1]']],
    ['one that is in no list', one, ['zones[0].events']],
    ['what is no source', [{ secret: 'PASSWORD' }], ['zones[0].events[0]']],
    ['a source with a fault', [toy({ secret: 'ABSENT', issuer: 'https://i.test' })], ['zones[0].events[0].secret']],
    ['a stranger’s', [toy({ secret: 'PASSWORD', issuer: 'https://j.test' })], ['zones[0].events[0].issuer']],
  ])('are %s', (_what, events, paths) => {
    expect(zoneFaults({ events }, env).map(({ path }) => path)).toEqual(paths)
  })
})
