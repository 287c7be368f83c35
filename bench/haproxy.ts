import { execFile, spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Server } from './server.ts'
import { AUDIENCE, ISSUER } from './workers/claims.ts'
import { pageOf } from './workers/pages.ts'
import { freePort, open } from '../tools/loopback.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')

/** The version of the HAProxy that is installed, or undefined. */
export async function haproxyVersion(): Promise<string | undefined> {
  const said = await run('haproxy', ['-v']).catch(() => undefined)
  return /version (\S+)/.exec(said?.stdout ?? '')?.[1]
}

/**
 * HAProxy doing the gate's work: ES256, `exp`, `iss`, `aud`, then its cache. It cannot read claims that a string stands
 * for in a list, nor entitlements, nor remember a token; nothing is logged.
 */
function configuration(port: number, origin: string, keyFile: string): string {
  return `
global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
cache pages
  total-max-size 16
  max-object-size 200000
  max-age 3600
frontend gate
  bind 127.0.0.1:${port}
  acl has_token req.hdr(authorization) -m beg "Bearer "
  http-request return status 402 content-type text/plain string "Payment required" unless has_token
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request return status 402 unless { var(txn.alg) -m str ES256 }
  http-request return status 402 unless { http_auth_bearer,jwt_verify(txn.alg,"${keyFile}") 1 }
  http-request return status 402 unless { var(txn.iss) -m str ${ISSUER} } { var(txn.aud) -m str ${AUDIENCE} }
  http-request return status 402 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request del-header authorization
  http-request cache-use pages
  http-response cache-store pages
  http-response set-header cache-control "private, no-cache"
  default_backend site
backend site
  server site ${origin}
`
}

/** Starts HAProxy before a small site. `publicJwk` is the key that the tokens are signed with. */
export async function startHaproxy(publicJwk: Readonly<Record<string, unknown>>): Promise<Server> {
  const site = createServer((request, response) => {
    const body = pageOf(Number(request.url?.split('/').at(-1)))
    response.writeHead(200, { 'cache-control': 'public, max-age=3600', 'content-type': 'text/plain' }).end(body)
  })
  const { host } = new URL(await open(site))
  const folder = await mkdtemp(join(root, '.faregate/haproxy-'))
  const [keyFile, configFile] = [join(folder, 'key.pem'), join(folder, 'haproxy.cfg')]
  const key = createPublicKey({ key: publicJwk, format: 'jwk' })
  await writeFile(keyFile, key.export({ type: 'spki', format: 'pem' }))
  const port = await freePort()
  await writeFile(configFile, configuration(port, host, keyFile))
  const child = spawn('haproxy', ['-db', '-q', '-f', configFile], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    site.close()
    site.closeAllConnections()
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  await Promise.race([
    accepting(url),
    exited.then(() => {
      throw new Error('haproxy did not start')
    }),
  ])
  return { url, pid: child.pid ?? 0, stop }
}

async function accepting(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer !== undefined) return
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error('haproxy does not answer')
}
