import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployedWarnings, recordDeployed } from '../../cli/check/deployed.ts'
import { livingKeyFaults } from '../../cli/check/living-keys.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const ENV = { ONE: 'one'.repeat(16), TWO: 'two'.repeat(16) }
const OLD = { generation: 1, secret: 'ONE' }
const NEW = { generation: 2, secret: 'TWO' }
const configured = (...gate: object[]) => compiled({ zones: [ZONE], secrets: { gate: gate as (typeof OLD)[] } }, ENV)

const folder = mkdtempSync(join(tmpdir(), 'living-'))
const tokenFile = join(folder, 'token.txt')
const file = join(folder, 'faregate.config.ts')
let answer: { status: number; body: string }
let asked: { authorization: string | undefined; body: string }
let server: Server
let url: string

beforeAll(async () => {
  writeFileSync(tokenFile, 'the-token\n')
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked = { authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const LIVING = JSON.stringify({
  generations: { 2: 1, 1: 2 },
  keys: [
    { id: 'key-1', generations: [1] },
    { id: 'key-2', generations: [2, 1] },
  ],
})

describe("a generation of the gate's secret", () => {
  it('that is deployed and is missing is warned of', () => {
    recordDeployed(configured(NEW, OLD), file)
    expect(deployedWarnings(configured(NEW, OLD), file)).toEqual([])
    expect(deployedWarnings(configured(NEW), file)).toEqual([
      expect.stringMatching(/^the generation 1 of secrets\.gate is deployed, and is missing here.*"generation":1/),
    ])
    recordDeployed(configured(NEW), file)
    expect(deployedWarnings(configured({ generation: 3, secret: 'ONE' }, NEW), file)).toEqual([])
  })

  it('that keys live under is a fault if it is missing, and the gate tells which', async () => {
    answer = { status: 200, body: LIVING }
    expect(await livingKeyFaults(configured(NEW, OLD), { url, tokenFile })).toEqual([])
    expect(asked).toEqual({ authorization: 'Bearer the-token', body: '{"action":"zone"}' })
    expect(await livingKeyFaults(configured(NEW), { url, tokenFile })).toEqual([
      'secrets.gate: 2 keys live under generation 1, which is missing here: key-1, key-2. Rotate them first',
    ])
  })

  it.each([
    [401, '{}', /answered 401/],
    [200, '[]', /something else/],
    [200, 'not JSON', /could not ask .*SyntaxError/],
  ])('is a fault if the gate cannot tell: %i %s', async (status, body, said) => {
    answer = { status, body }
    expect(await livingKeyFaults(configured(NEW), { url, tokenFile })).toEqual([expect.stringMatching(said)])
  })

  it('is asked about over https only, and no error quotes the token', async () => {
    expect(await livingKeyFaults(configured(NEW), { url: 'http://example.com', tokenFile })).toHaveLength(1)
    const gone = await livingKeyFaults(configured(NEW), { url: 'http://127.0.0.1:1', tokenFile })
    expect(gone.join()).not.toContain('the-token')
  })
})
