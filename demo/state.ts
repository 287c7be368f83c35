import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export const defaultPorts = { gate: 8787, origin: 8788, billing: 8789 } as const
export const defaultBillingUrl = `http://127.0.0.1:${defaultPorts.billing}`
const defaultGateUrl = `http://localhost:${defaultPorts.gate}`

/** Git ignores the folder. */
const stateFolders = resolve(import.meta.dirname, '../.faregate')
const noteName = 'demo.json'

/** Names the demo that is meant, by the port of its gate, where several run. */
export const demoVariable = 'FAREGATE_DEMO'

/**
 * What one demo keeps between runs: keys, its bundle, and where its parts are while it runs. Of several demos each has a
 * folder of its own. Rejects where several run and none is named.
 */
export async function stateFolder(): Promise<string> {
  const named = process.env[demoVariable] ?? (await onlyRunning())?.demo ?? String(defaultPorts.gate)
  return join(stateFolders, `demo-${named}`)
}

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
export async function accountHashKey(): Promise<string> {
  return kept(join(await stateFolder(), 'account-hash-key'), () => randomBytes(32).toString('base64url'))
}

/** The secret from which the gate derives its own keys. */
export async function gateSecret(): Promise<string> {
  return kept(join(await stateFolder(), 'gate-secret'), () => randomBytes(32).toString('base64url'))
}

/** What a scraper shows to read the gate's metrics. */
export async function metricsSecret(): Promise<string> {
  return kept(join(await stateFolder(), 'metrics-secret'), () => randomBytes(32).toString('base64url'))
}

/** What the gate signs its alerts with, and who takes them verifies. */
export async function alertsSecret(): Promise<string> {
  return kept(join(await stateFolder(), 'alerts-secret'), () => randomBytes(32).toString('base64url'))
}

/** What the gate signs its records of usage with, and the billing backend verifies. */
export async function usageSecret(): Promise<string> {
  return kept(join(await stateFolder(), 'usage-secret'), () => randomBytes(32).toString('base64url'))
}

/** By which the gate says to the billing backend that it is its client. */
export async function clientSecret(): Promise<string> {
  return kept(join(await stateFolder(), 'client-secret'), () => randomBytes(32).toString('base64url'))
}

/** A demo that runs: its gate, and the billing backend whose name its tokens bear. */
interface Running {
  readonly gate: string
  readonly issuer: string
  readonly pid: number
}

/** Lets the tools find the gate and sign for the billing backend that is running. Returns how to take the note back. */
export async function announce(demo: Omit<Running, 'pid'>): Promise<() => Promise<void>> {
  const note = join(await stateFolder(), noteName)
  await mkdir(dirname(note), { recursive: true })
  await writeFile(note, `${JSON.stringify({ ...demo, pid: process.pid })}\n`)
  return () => rm(note, { force: true })
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
  const noted = await readNote(await stateFolder())
  return noted !== undefined && isAlive(noted.pid) ? noted : undefined
}

/** The one demo that runs, if any does. */
async function onlyRunning(): Promise<{ readonly demo: string } | undefined> {
  const folders = (await readdir(stateFolders).catch(() => [])).filter((name) => name.startsWith('demo-'))
  const noted = await Promise.all(
    folders.map(async (name) => ({ demo: name.slice('demo-'.length), note: await readNote(join(stateFolders, name)) })),
  )
  const alive = noted.filter(({ note }) => note !== undefined && isAlive(note.pid))
  if (alive.length < 2) return alive[0]
  const names = alive.map(({ demo }) => demo)
  throw new Error(
    `several demos run, at the ports ${names.join(', ')}: say which is meant, as in ${demoVariable}=${names[0] ?? ''}`,
  )
}

async function readNote(folder: string): Promise<Running | undefined> {
  try {
    const note: unknown = JSON.parse((await readIfThere(join(folder, noteName))) ?? 'null')
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
