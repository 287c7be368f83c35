import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { devNull } from 'node:os'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { demoVariable } from '../../demo/state.ts'
import { token } from '../../demo/token.ts'

const root = resolve(import.meta.dirname, '../..')
const preload = pathToFileURL(resolve(import.meta.dirname, 'preload.ts')).href
const startSeconds = 60
const stopSeconds = 10

/** The suite's test server with the demo's gate before it, as a user would start them. */
export interface Parts {
  readonly gate: string
  /** Settles when either is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** A token that opens the paid route. */
  readonly token: () => Promise<string>
  readonly stop: () => Promise<void>
}

export interface PartsOptions {
  readonly checkout: string
  readonly isPaid: boolean
  /** Shown every line that the gate and the test server print. */
  readonly onLine: (line: string) => void
}

export async function startParts({ checkout, isPaid, onLine }: PartsOptions): Promise<Parts> {
  const children: ChildProcess[] = []
  const stop = async () => {
    for (const child of children.reverse()) await end(child)
  }
  try {
    const server = serve(checkout)
    children.push(server)
    const [, origin = ''] = await printed(server, /^Listening on (http:\S+?)\/?$/, onLine)
    const gate = demo(origin, isPaid)
    children.push(gate)
    const [, url = '', billing = ''] = await printed(gate, /^Faregate runs at (\S+), .* billing backend (\S+)$/, onLine)
    process.env[demoVariable] = new URL(url).port
    return {
      // The name might lead to another server that listens on ::1.
      gate: url.replace('//localhost:', '//127.0.0.1:'),
      exited: Promise.race(children.map(gone)),
      token: () => token(['--issuer', billing, '--entitlements', 'premium'], Math.floor(Date.now() / 1000)),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function serve(checkout: string): ChildProcess {
  return spawn(process.execPath, ['--import', preload, 'test-engine/server/server.mjs'], {
    cwd: checkout,
    // It names its options as npm does.
    env: { ...process.env, npm_config_protocol: 'http', npm_config_port: '0', npm_config_pidfile: devNull },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

function demo(origin: string, isPaid: boolean): ChildProcess {
  const ports = ['--port', '0', '--billing-port', '0']
  const variant = isPaid ? ['--test-route', 'paid'] : []
  return spawn(process.execPath, [resolve(root, 'demo/start.ts'), '--origin', origin, ...ports, ...variant], {
    cwd: root,
    // npm's own signals are ours to hand on.
    env: { ...process.env, npm_lifecycle_event: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The first line that matches; every line is read and shown, so that the child never waits for a reader. */
async function printed(child: ChildProcess, pattern: RegExp, onLine: (line: string) => void): Promise<RegExpExecArray> {
  const { stdout } = child
  if (stdout === null) throw new Error('the child has no output')
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`not ready after ${startSeconds} seconds`)), startSeconds * 1000)
    child.once('error', failed)
    child.once('exit', () => failed(new Error('it ended before it was ready')))
    createInterface({ input: stdout }).on('line', (line) => {
      onLine(line)
      const found = pattern.exec(line)
      if (found === null) return
      clearTimeout(timer)
      done(found)
    })
  })
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000)
  await gone(child)
  clearTimeout(insist)
}
