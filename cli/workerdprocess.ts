/** A process of workerd: started, ready when its socket listens, and ended with the process that started it. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const READY_SECONDS = 15

export type LineListener = (line: string, stream: 'stdout' | 'stderr') => void

/** Starts it in a group of its own: Ctrl-C in a terminal reaches us alone, and we end it in our own time. */
export function spawnWorkerd(
  program: string,
  configFile: string,
  options: { readonly stdout: 'pipe' | 'ignore' | 'inherit'; readonly env?: SpawnOptions['env'] },
): ChildProcess {
  return spawn(program, ['serve', '--control-fd=3', configFile, 'config'], {
    detached: true,
    stdio: ['ignore', options.stdout, 'pipe', 'pipe'],
    ...(options.env === undefined ? {} : { env: options.env }),
  })
}

/**
 * A shell that waits on a pipe of ours: the pipe closes when this process ends, however it ends, and then it ends the
 * child and removes the folder. An `exit` listener alone would miss SIGKILL and the signals that nobody handles.
 */
export function endWithParent(child: ChildProcess, folder: string): void {
  if (child.pid === undefined) return
  const watch = spawn('/bin/sh', ['-c', 'read -r line; kill -9 "$0"; rm -rf "$1"', String(child.pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watch.unref()
  // The process id may be given to another process later, so the watch ends with the child.
  child.once('exit', () => watch.kill('SIGKILL'))
}

/** Returns the port, as workerd itself reports it once the socket listens (`--control-fd`). */
export async function listening(
  child: ChildProcess,
  onLine: LineListener | undefined,
): Promise<{ pid: number; port: number }> {
  const complaints: string[] = []
  let started = false
  if (child.stdout !== null) readLines(child.stdout, (line) => onLine?.(line, 'stdout'))
  // What it says before it listens is told with the failure, or once it has started.
  readLines(child.stdio[2], (line) => (started ? onLine?.(line, 'stderr') : complaints.push(line)))
  const said = () => (complaints.length === 0 ? '' : `:\n${complaints.join('\n')}`)
  const port = await new Promise<number>((done, failed) => {
    const late = () => failed(new Error(`workerd was not ready after ${READY_SECONDS} seconds${said()}`))
    const timer = setTimeout(late, READY_SECONDS * 1000)
    readLines(child.stdio[3], (line) => {
      const found = /"event":"listen".*"port":(\d+)/.exec(line)
      if (found === null) return
      clearTimeout(timer)
      done(Number(found[1]))
    })
    child.once('error', failed)
    // `close` and not `exit`: by then its last words have been read.
    child.once('close', () => {
      clearTimeout(timer)
      failed(new Error(`workerd did not start${said()}`))
    })
  })
  started = true
  for (const line of complaints) onLine?.(line, 'stderr')
  if (child.pid === undefined) throw new Error('workerd has no process id')
  return { pid: child.pid, port }
}

function readLines(stream: unknown, onLine: (line: string) => void): void {
  createInterface({ input: stream as Readable }).on('line', onLine)
}

export async function childEnd(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  await once(child, 'exit')
}

/** Asks it to end: it takes no further connection, and ends when its requests have. Insists after `seconds`. */
export async function endChild(child: ChildProcess, exited: Promise<void>, seconds: number): Promise<void> {
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  await exited
  clearTimeout(insist)
}

/** A Cap'n Proto text literal. `\xNN` is a byte there, and the text is UTF-8. */
export function quote(text: string): string {
  const bytes = (char: string) => [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
  return `"${text.replace(/["\\\p{Cc}]/gu, (char) => bytes(char).join(''))}"`
}
