import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GHOST } from './home.js'

const SITE = 'https://a.test'
/** An address of documentation (RFC 3849), so written that Ghost asks no service where it is. */
const READER = '2001:db8::1'
const OWNER = { name: 'Ann', email: 'ann@a.test', password: 'a long pass phrase' }

/** Starts Ghost with an empty database and its own themes, everything that it writes below `folder`. */
export async function startGhost(folder) {
  const content = join(folder, 'content')
  cpSync(join(GHOST, 'content'), content, { recursive: true })
  mkdirSync(join(content, 'data'), { recursive: true })
  Object.assign(process.env, {
    NODE_ENV: 'production',
    url: SITE,
    server__port: '0',
    database__client: 'sqlite3',
    database__connection__filename: join(content, 'data/ghost.db'),
    database__useNullAsDefault: 'true',
    paths__contentPath: content,
    logging__level: 'error',
    logging__transports: '["stderr"]',
    mail__transport: 'stub',
    mail__from: OWNER.email,
    privacy: '{"useUpdateCheck":false,"useGravatar":false,"useRpcPing":false}',
    security__staffDeviceVerification: 'false',
  })
  process.chdir(GHOST)
  const load = createRequire(join(GHOST, 'ghost.js'))
  const sqlite = { url: pathToFileURL(join(import.meta.dirname, 'sqlite.js')).href, shortCircuit: true }
  registerHooks({ resolve: (name, context, next) => (name === 'sqlite3' ? sqlite : next(name, context)) })
  const ghost = await load('./core/boot')()
  return new Site(ghost.httpServer.address().port)
}

/** What an owner, a member and a reader do with a Ghost that runs. */
class Site {
  #port
  #owner = ''

  constructor(port) {
    this.#port = port
  }

  /** Sends a request as it comes from a proxy that ends TLS, and returns what a 2xx or 3xx says. */
  async ask(method, path, { body, cookie = '' } = {}) {
    const headers = { host: 'a.test', origin: SITE, 'x-forwarded-proto': 'https', 'x-forwarded-for': READER, cookie }
    const sent = body === undefined ? undefined : JSON.stringify(body)
    if (sent !== undefined)
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) })
    const { promise, resolve, reject } = Promise.withResolvers()
    request({ host: '127.0.0.1', port: this.#port, method, path, headers }, resolve).on('error', reject).end(sent)
    const response = await promise
    const text = Buffer.concat(await response.toArray()).toString()
    if (response.statusCode >= 400) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`)
    const cookies = (response.headers['set-cookie'] ?? []).map((field) => field.split(';')[0]).join('; ')
    return { status: response.statusCode, text, cookies }
  }

  async #administer(method, path, body) {
    const { text } = await this.ask(method, `/ghost/api/admin/${path}`, { body, cookie: this.#owner })
    return text === '' ? undefined : JSON.parse(text)
  }

  async setUp() {
    const { email: username, password } = OWNER
    await this.ask('POST', '/ghost/api/admin/authentication/setup/', {
      body: { setup: [{ ...OWNER, blogTitle: 'Bridges' }] },
    })
    this.#owner = (await this.ask('POST', '/ghost/api/admin/session/', { body: { username, password } })).cookies
  }

  async publish(post) {
    await this.#administer('POST', 'posts/', { posts: [{ ...post, status: 'published' }] })
  }

  async useTheme(name) {
    await this.#administer('PUT', `themes/${name}/activate/`)
  }

  /** Signs in a member whom a paid tier was given, and returns the cookies. */
  async member() {
    const { tiers } = await this.#administer('GET', 'tiers/?filter=type:paid')
    const { members } = await this.#administer('POST', 'members/', {
      members: [{ email: 'bob@a.test', tiers: [{ id: tiers[0].id }] }],
    })
    const { member_signin_urls: urls } = await this.#administer('GET', `members/${members[0].id}/signin_urls/`)
    const { pathname, search } = new URL(urls[0].url)
    return (await this.ask('GET', pathname + search)).cookies
  }
}

export function remove(folder) {
  rmSync(folder, { recursive: true, force: true })
}
