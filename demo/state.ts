import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** What the demo keeps between runs: keys, and where a running billing backend is. Git ignores the folder. */
export const stateFolder = resolve(import.meta.dirname, '../.faregate')

export const defaultBillingUrl = 'http://127.0.0.1:8789'
const defaultGateUrl = 'http://localhost:8787'

const runningFile = join(stateFolder, 'demo.json')

/** The file's text, which is `make()` when there was no file yet. Two processes that start at once get the same. */
export async function kept(file: string, make: () => Promise<string> | string): Promise<string> {
  const existing = await readIfThere(file)
  if (existing !== undefined) return existing
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, await make(), { mode: 0o600 })
  try {
    // A link appears whole or not at all, and fails when another process was first.
    await link(draft, file)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(file, 'utf8')
}

/** The gate's secret for hashing accounts in its log; kept, so that log lines of two runs can be compared. */
export function accountHashKey(): Promise<string> {
  return kept(join(stateFolder, 'account-hash-key'), () => randomBytes(32).toString('base64url'))
}

/** What the gate signs its records of usage with, and the billing backend verifies. */
export function usageSecret(): Promise<string> {
  return kept(join(stateFolder, 'usage-secret'), () => randomBytes(32).toString('base64url'))
}

/** A demo that runs: its gate, and the billing backend whose name its tokens bear. */
interface Running {
  readonly gate: string
  readonly issuer: string
  readonly pid: number
}

/** Lets the tools find the gate and sign for the billing backend that is running. Returns how to take the note back. */
export async function announce(demo: Omit<Running, 'pid'>): Promise<() => Promise<void>> {
  await mkdir(stateFolder, { recursive: true })
  await writeFile(runningFile, `${JSON.stringify({ ...demo, pid: process.pid })}\n`)
  return async () => {
    const running = await readRunning()
    if (running?.pid === process.pid) await rm(runningFile, { force: true })
  }
}

/** The URL of the billing backend that `npm start` runs at the moment, if it does. */
export async function runningBillingUrl(): Promise<string | undefined> {
  return (await running())?.issuer
}

/** The URL of the gate that `npm start` runs at the moment, or where it would. */
export async function gateUrl(): Promise<string> {
  return (await running())?.gate ?? defaultGateUrl
}

async function running(): Promise<Running | undefined> {
  const noted = await readRunning()
  return noted !== undefined && isAlive(noted.pid) ? noted : undefined
}

async function readRunning(): Promise<Running | undefined> {
  try {
    const note: unknown = JSON.parse((await readIfThere(runningFile)) ?? 'null')
    if (typeof note !== 'object' || note === null) return undefined
    if (!('issuer' in note) || !('gate' in note) || !('pid' in note)) return undefined
    const { issuer, gate, pid } = note
    const isNote = typeof issuer === 'string' && typeof gate === 'string' && typeof pid === 'number'
    return isNote ? { issuer, gate, pid } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
