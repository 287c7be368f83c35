import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoVariable } from '../../demo/state.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

interface Demo {
  readonly process: ChildProcess
  readonly gate: string
}

/** `npm start` on ports of its own, once it says where it runs. */
async function start(): Promise<Demo> {
  const ports = ['--port', '0', '--origin-port', '0', '--billing-port', '0']
  const child = spawn(process.execPath, [join(root, 'demo/start.ts'), ...ports], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let gate = ''
  for await (const line of createInterface({ input: child.stdout })) {
    gate = /^Faregate runs at ([^\s,]+)/.exec(line)?.[1] ?? gate
    if (line.startsWith('Ctrl-C ends it')) break
  }
  return { process: child, gate }
}

async function token(env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'demo/token.ts')], {
    cwd: root,
    env: { ...process.env, ...env },
  })
  return stdout.trim()
}

async function statusOf({ gate }: Demo, bearer: string): Promise<number> {
  return (await fetch(`${gate}/articles/1`, { headers: { authorization: `Bearer ${bearer}` } })).status
}

let demos: Demo[]

beforeAll(async () => {
  demos = await Promise.all([start(), start()])
})
afterAll(async () => {
  for (const { process: child } of demos) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})

describe('two demos of one clone', () => {
  it('have keys of their own, and each is signed for by its name', async () => {
    for (const demo of demos) {
      const bearer = await token({ [demoVariable]: new URL(demo.gate).port })
      expect(await Promise.all(demos.map((each) => statusOf(each, bearer)))).toEqual(
        demos.map((each) => (each === demo ? 200 : 402)),
      )
    }
  })

  it('are told apart where none is named', async () => {
    await expect(token()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(demoVariable) as unknown })
  })
})
