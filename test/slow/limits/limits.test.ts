import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { open, shut } from '../../../tools/loopback.ts'

const root = join(import.meta.dirname, '../../..')
let gate: Workerd
let slow: Server
let full: { process: ChildProcess; port: number; held: Socket[] }
let folder: string
/** Answers that the slow server holds back until a test lets them go. */
const held: (() => void)[] = []

/** A server that is stopped while its queue of connections is full: the kernel drops whoever knocks next. */
async function startFull(): Promise<typeof full> {
  const script =
    "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })"
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no output')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGSTOP')
  const port = Number(line)
  const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1'))
  for (const socket of sockets) socket.on('error', () => undefined)
  await Promise.race(sockets.map((socket) => once(socket, 'connect')))
  return { process: child, port, held: sockets }
}

beforeAll(async () => {
  folder = mkdtempSync(join(root, '.faregate/limits-'))
  slow = createServer((incoming, response) => {
    if (incoming.url === '/quick') response.end('quick')
    else held.push(() => response.end('late'))
  })
  full = await startFull()
  const backend = join(folder, 'backend.js')
  writeFileSync(
    backend,
    "export default { fetch: (request) => new Response('bound ' + new URL(request.url).pathname) }",
  )
  gate = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    vars: {
      TOKEN_SECRET: '0123456789abcdef0123456789abcdef',
      SLOW_URL: await open(slow),
      FULL_URL: `http://127.0.0.1:${full.port}`,
      ABSENT_URL: 'http://127.0.0.1:1',
    },
    services: { BACKEND: 'backend' },
    workers: { backend: { module: backend } },
  })
})

afterAll(async () => {
  await gate.stop()
  await shut(slow)
  for (const socket of full.held) socket.destroy()
  full.process.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function ask(host: string, path: string): Promise<[status: number, answer: string]> {
  const { statusCode, body } = await request(`${gate.url}${path}`, { headers: { host } })
  const text = await body.text()
  return [statusCode, text.startsWith('{') ? (JSON.parse(text) as { reason: string }).reason : text]
}

describe('an origin server', () => {
  it('that accepts a connection and does not answer is timed out', async () => {
    expect(await ask('slow.test', '/late')).toEqual([504, 'origin-timeout'])
  })

  it('is waited for as long as the route allows', async () => {
    const answer = ask('slow.test', '/patient/late')
    await expect.poll(() => held.length).toBe(2)
    expect(await ask('slow.test', '/late')).toEqual([504, 'origin-timeout'])
    held[1]?.()
    expect(await answer).toEqual([200, 'late'])
  })

  it('whose connections do not open is unreachable, long before an answer would be late', async () => {
    expect(await ask('full.test', '/patient/x')).toEqual([502, 'origin-unreachable'])
  })

  it('that refuses connections is unreachable', async () => {
    expect(await ask('absent.test', '/x')).toEqual([502, 'origin-unreachable'])
  })

  it('may be a Worker, by its binding', async () => {
    expect(await ask('bound.test', '/a/b')).toEqual([200, 'bound /a/b'])
  })
})
