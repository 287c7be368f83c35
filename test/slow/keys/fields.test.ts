import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { makeKeys } from '../../support/issuer.ts'
import { freshToken, answerKeys, startGate, startJwks } from './gate.ts'

const [key] = await makeKeys('key')
const jwks = await startJwks(answerKeys(key))
const gate = await startGate(jwks.url)
afterAll(async () => {
  await gate.workerd.stop()
  await jwks.close()
})

/** The status line of the answer to these very bytes. */
async function statusOf(...fields: (string | Uint8Array)[]): Promise<number> {
  const { hostname, port } = new URL(gate.page)
  const socket = connect(Number(port), hostname)
  const lines = ['GET /paid/1 HTTP/1.1', `Host: ${hostname}`, 'Connection: close', ...fields].flatMap((line) => [
    typeof line === 'string' ? Buffer.from(line) : line,
    Buffer.from('\r\n'),
  ])
  socket.write(Buffer.concat([...lines, Buffer.from('\r\n')]))
  const chunks: Uint8Array[] = []
  socket.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  await once(socket, 'close')
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString('latin1'))?.[1])
}

function cookie(before: string, token: string): Uint8Array {
  return Buffer.from(`Cookie: ${before}__Host-faregate=${token}`, 'utf8')
}

describe('the cookie, as it comes over the wire', () => {
  it('opens the page', async () => {
    expect(await statusOf(cookie('', await freshToken(key)))).toBe(200)
    expect(await statusOf(cookie('a=1; ', await freshToken(key)))).toBe(200)
  })

  // A sibling domain may set a cookie of any name but ours: what only looks like ours must not open anything.
  it.each([
    '\u00a0',
    '\u0085',
    '\u1680',
    '\u2000',
    '\u2028',
    '\u3000',
    '\ufeff',
    '\u000b',
    '\u000c',
    '1,',
    '1, ',
    '1 ',
  ])('is another cookie after %j', async (before) => {
    const status = await statusOf(cookie(`a=1;${before}`, await freshToken(key)))
    // Some of it is no header field at all.
    expect([400, 402]).toContain(status)
  })

  it('is ambiguous in two fields', async () => {
    const token = await freshToken(key)
    expect(await statusOf(cookie('', token), cookie('', token))).toBe(402)
  })
})

describe('Authorization, as it comes over the wire', () => {
  it('opens the page', async () => {
    expect(await statusOf(`Authorization: Bearer ${await freshToken(key)}`)).toBe(200)
    expect(await statusOf(`AUTHORIZATION:bearer   ${await freshToken(key)}  `)).toBe(200)
  })

  it.each([
    ['in two fields', (t: string) => [`Authorization: Bearer ${t}`, `Authorization: Bearer ${t}`]],
    ['in a folded field', (t: string) => ['Authorization: Bearer', ` ${t}`]],
    ['after a no-break space', (t: string) => [`Authorization: Bearer\u00a0${t}`]],
    ['with NUL in it', (t: string) => [`Authorization: Bearer ${t}\0`]],
    ['under a name with a space', (t: string) => [`Authorization : Bearer ${t}`]],
    ['with a byte that is not UTF-8 in it', (t: string) => [Buffer.from(`Authorization: Bearer ${t}\xff`, 'latin1')]],
  ])('does not %s', async (_name, fields) => {
    expect([400, 402]).toContain(await statusOf(...fields(await freshToken(key))))
  })
})

describe('what the runtime prints', () => {
  it('holds no token, whatever came with it', async () => {
    const token = await freshToken(key)
    await statusOf(`Authorization: Bearer ${token}\u00e9`, cookie('caf\u00e9=\u00e9; ', token))
    await statusOf(`Authorization: Bearer ${token}`, 'X-Name: \u00e9')
    for (const line of gate.lines) for (const part of token.split('.')) expect(line).not.toContain(part.slice(0, 40))
  })
})
