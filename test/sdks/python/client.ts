import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { environment } from './venv.setup.ts'

/** What came of one call. */
export interface PythonOutcome {
  readonly answer?: unknown
  readonly error?: { readonly name: string; readonly status: number | null; readonly message: string }
  /** The waits between tries, in seconds, which were not waited. */
  readonly waits: readonly number[]
}

export interface PythonClient {
  ask(what: { do: string; gate: string; key: string; model: string; prompt?: string }): Promise<PythonOutcome>
  stop(): Promise<void>
}

/** Starts Python with the SDKs. Each call waits for the one before. */
export async function startPython(): Promise<PythonClient> {
  const python = join(await environment(), 'bin/python')
  const child = spawn(python, [join(import.meta.dirname, 'client.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(what) {
      child.stdin.write(`${JSON.stringify(what)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('Python has ended')
      return JSON.parse(value) as PythonOutcome
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
