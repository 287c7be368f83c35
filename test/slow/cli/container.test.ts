import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort, open, shut } from '../../../tools/loopback.ts'
import { installPackage, type Installed } from './installed.ts'

const run = promisify(execFile)
const file = readFileSync(join(import.meta.dirname, '../../../examples/container/Containerfile'), 'utf8')
let installed: Installed
let origin: Server

beforeAll(() => {
  installed = installPackage()
  origin = createServer((_request, response) => response.end('page'))
}, 120_000)
afterAll(async () => {
  await shut(origin)
  installed.remove()
})

/** The words of an instruction in its form as a JSON list. */
function wordsOf(instruction: RegExp): readonly string[] {
  const [, list = '[]'] = instruction.exec(file) ?? []
  return JSON.parse(list) as string[]
}

it('The container’s command starts the gate of a new project, its health check finds it, and an order to stop ends it', async () => {
  const folder = installed.project('container')
  const port = `${await freePort()}`
  const here = (words: readonly string[]): string[] =>
    words.map((word) => (word === '/state' ? join(folder, 'state') : word.replaceAll('8080', port)))
  const init = ['init', 'publisher', '--origin', 'https://origin.example.com', '--host', 'www.example.com']
  await installed.run(folder, [...init, '--issuer', 'billing'])
  symlinkSync('../node_modules', join(folder, 'node_modules'))
  const [, ...start] = here(wordsOf(/^ENTRYPOINT (\[.*\])$/m))
  const [, ...check] = here(wordsOf(/^ {2}CMD (\[.*\])$/m))
  const secret = 'a secret of the tests, of thirty-two bytes'
  const env = { ACCOUNT_HASH_KEY: secret, GATE_SECRET: `${secret}!`, ORIGIN_URL: await open(origin) }
  const gate = spawn(process.execPath, start, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(gate, 'exit')
  const [line] = (await once(createInterface({ input: gate.stdout }), 'line')) as [string]
  expect(line).toBe(`faregate: ready on http://localhost:${port}`)
  await run(process.execPath, check, { cwd: folder })
  gate.kill('SIGTERM')
  expect((await exited)[0]).toBe(0)
  await expect(run(process.execPath, check, { cwd: folder })).rejects.toMatchObject({ code: 1 })
})

it('The container runs as no root, keeps its state in a volume, and has no secret', () => {
  expect(file).toMatch(/^USER node$/m)
  expect(file).toMatch(/^VOLUME \/state$/m)
  const ignored = readFileSync(join(import.meta.dirname, '../../../examples/container/.containerignore'), 'utf8')
  for (const name of ['.dev.vars', '*.key.json', 'state', 'secrets.env']) expect(ignored.split('\n')).toContain(name)
})
