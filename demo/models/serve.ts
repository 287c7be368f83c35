import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { open, shut } from '../../tools/loopback.ts'
import { createModels, MODEL_KEYS, type Models, type ModelsSettings } from './models.ts'
import { FAMILIES } from './turn.ts'

/** A provider that listens. */
export interface ServedModels extends Models {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves the models on the loopback interface alone. Port 0 takes a free port. Rejects with `EADDRINUSE` if it is taken. */
export async function serveModels(settings: ModelsSettings & { readonly port?: number } = {}): Promise<ServedModels> {
  const models = createModels(settings)
  const server = createServer((request, response) => void answer(models, request, response))
  const url = await open(server, settings.port ?? 0)
  return { ...models, url, close: () => shut(server) }
}

async function answer(models: Models, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const left = new AbortController()
  outgoing.on('close', () => left.abort())
  try {
    const { status, headers, body } = await models.fetch(await requestOf(incoming, left.signal))
    outgoing.writeHead(status, Object.fromEntries(headers)).flushHeaders()
    if (body === null || incoming.method === 'HEAD') return void outgoing.end()
    const bytes = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])
    bytes.on('error', () => outgoing.destroy())
    outgoing.on('close', () => bytes.destroy())
    bytes.pipe(outgoing)
  } catch {
    outgoing.destroy()
  }
}

async function requestOf(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', url = '/', headers } = incoming
  const content = await text(incoming)
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as [string, string]],
  )
  const body = method === 'GET' || method === 'HEAD' ? null : content
  return new Request(new URL(url, 'http://models.example'), { method, headers: fields, body, signal })
}

if (import.meta.main) {
  const port = Number(process.argv[2] ?? 8790)
  const paceMs = Number(process.argv[3] ?? 30)
  const { url } = await serveModels({ port, pace: () => sleep(paceMs) })
  console.log(`A provider of language models at ${url}. Its APIs and their keys:`)
  for (const family of FAMILIES) console.log(`  ${url}/${family}  ${MODEL_KEYS[family]}`)
}
