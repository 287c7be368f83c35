import { describe, expect, it } from 'vitest'
import { bearer, feeds, keys } from '../../../src/index.ts'
import { createEmergency, ISSUER, thumbprint } from '../../endpoints/emergencyworld.ts'
import type { TestKey } from '../../support/issuer.ts'

type World = Awaited<ReturnType<typeof createEmergency>>
type Isolate = ReturnType<World['isolate']>
type Terms = Readonly<Record<string, unknown>>

const CREATE = { action: 'create', name: 'CI', entitlements: ['premium'] }

const isolateOf = ({ isolate }: World, options: Terms = {}): Isolate =>
  isolate(
    { rails: [bearer(), keys({ self: true }), feeds({ routes: ['/paid'] })], ...options },
    { GATE_SECRET: 'a secret of the gate, of 32 bytes' },
  )

function madeBy(answer: Awaited<ReturnType<Isolate['order']>>): { secret: string; id: string } {
  expect(answer.status).toBe(200)
  const { secret = '', key } = answer.body as { secret?: string; key: { id: string } }
  return { secret, id: key.id }
}

async function postAs(world: World, signer: TestKey, path: string, body: Terms): Promise<ReturnType<typeof answerOf>> {
  return answerOf(isolateOf(world), path, await world.tokens(signer).entitlement(), body)
}

function answerOf(gate: Isolate, path: string, token: string, body: Terms): ReturnType<Isolate['send']> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return gate.send(`/__faregate/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const asOwner = async (world: World, signer: TestKey, body: Terms) =>
  madeBy(await postAs(world, signer, 'account/keys', body))
const asOperator = async (world: World, signer: TestKey, body: Terms) =>
  madeBy(await isolateOf(world).order('keys', { account: 'ann', ...body }, signer))

async function distrust(world: World): Promise<Isolate> {
  const gate = isolateOf(world)
  const answer = await gate.order('emergency', { distrust: await thumbprint(world.stolen) })
  expect(answer.status).toBe(200)
  return gate
}

describe('what a stolen key of an operator gave an API key', () => {
  it('was laundered by an honest operator who renamed it', async () => {
    const world = await createEmergency()
    const { id, secret } = await asOperator(world, world.operator, { ...CREATE, entitlements: ['basic'] })
    await asOperator(world, world.stolen, { action: 'change', id, entitlements: ['premium'] })
    await asOperator(world, world.operator, { action: 'change', id, name: 'builds' })
    expect((await isolateOf(world).ask('/paid', secret)).status).toBe(200)
    const gate = await distrust(world)
    expect((await gate.ask('/paid', secret)).reason).toBe('credential-invalid')
  })

  it('is cured by an honest owner who states all of it, and by an operator who vouches for it', async () => {
    const world = await createEmergency()
    const own = await asOwner(world, world.honest, CREATE)
    const given = await asOperator(world, world.operator, CREATE)
    for (const { id } of [own, given])
      await asOperator(world, world.stolen, { action: 'change', id, expires: '2099-01-01T00:00:00Z' })
    const gate = await distrust(world)
    expect(await gate.statuses([own.secret, given.secret])).toEqual([402, 402])
    await asOwner(world, world.honest, { action: 'change', id: own.id, name: 'builds' })
    await asOperator(world, world.operator, { action: 'enable', id: given.id })
    expect(await isolateOf(world).statuses([own.secret, given.secret])).toEqual([200, 200])
  })
})

describe('a key that the configuration distrusts', () => {
  it('had made API keys and feeds that went on', async () => {
    const world = await createEmergency()
    const key = await asOwner(world, world.stolen, CREATE)
    const honest = await asOwner(world, world.honest, CREATE)
    const feed = await postAs(world, world.stolen, 'feeds', { action: 'create', name: 'phone', path: '/paid' })
    const { search } = new URL(String(feed.body['url']))
    expect((await isolateOf(world).send(`/paid${search}`, {})).status).toBe(200)
    const distrusted = [await thumbprint(world.stolen)]
    const issuers = [{ issuer: ISSUER, keys: [world.stolen.jwk, world.honest.jwk], distrusted }]
    const gate = isolateOf(world, { issuers })
    expect((await gate.ask('/paid', key.secret)).reason).toBe('credential-invalid')
    expect((await gate.send(`/paid${search}`, {})).reason).toBe('credential-invalid')
    expect((await gate.ask('/paid', honest.secret)).status).toBe(200)
  })
})
