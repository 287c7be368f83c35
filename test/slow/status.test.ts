import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { startAll } from './running.ts'
import { startForFile } from './startforfile.ts'

const running = await startForFile(startAll())

async function put(idx: string, status: string): Promise<number> {
  return (await fetch(`${running.billing}/status/1/${idx}`, { method: 'PUT', body: status })).status
}

async function outcome(...options: string[]): Promise<unknown> {
  const headers = { authorization: `Bearer ${await running.token(...options)}` }
  const path = options.includes('--payment') ? '/reports/1' : '/articles/1'
  const response = await fetch(`${running.gate}${path}`, { headers })
  const body = await response.text()
  return response.ok ? 200 : (JSON.parse(body) as { reason: unknown }).reason
}

describe("the demo's status list", () => {
  it('revokes and suspends the tokens that name a place in it', async () => {
    expect([await put('7', 'revoked'), await put('8', 'suspended'), await put('9', 'revoked')]).toEqual([200, 200, 200])
    expect(await put('9', 'valid')).toBe(200)
    expect(await outcome('--status', '7')).toBe('subscription-inactive')
    expect(await outcome('--status', '8')).toBe('security-hold')
    expect(await outcome('--status', '9')).toBe(200)
    expect(await outcome('--status', '65535')).toBe(200)
    expect(await outcome('--payment', '--status', '7')).toBe('subscription-inactive')
    expect(await outcome('--payment', '--status', '9')).toBe(200)
    expect(await outcome()).toBe(200)
  })

  it('is signed as the specification has it', async () => {
    const response = await fetch(`${running.billing}/status/1`)
    expect(response.headers.get('content-type')).toBe('application/statuslist+jwt')
    const jwks = (await (await fetch(`${running.billing}/.well-known/jwks.json`)).json()) as JSONWebKeySet
    const { payload } = await jwtVerify(await response.text(), createLocalJWKSet(jwks), {
      typ: 'statuslist+jwt',
      subject: `${running.billing}/status/1`,
      requiredClaims: ['iat', 'exp', 'ttl', 'status_list'],
    })
    expect(payload['status_list']).toMatchObject({ bits: 2 })
  })

  it.each([
    ['65536', 'valid'],
    ['-1', 'valid'],
    ['7', 'gone'],
    ['7', ''],
    ['x', 'valid'],
  ])('does not take %s as %j', async (idx, status) => expect(await put(idx, status)).toBe(400))

  it.each([
    ['--status', '65536'],
    ['--status', 'x'],
    ['--operator', '--status', '1'],
  ])(
    'is not for a token with %s %s',
    async (...options) => await expect(running.token(...options)).rejects.toThrow('--status:'),
  )
})
