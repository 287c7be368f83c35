import { expect, it } from 'vitest'
import { startAll } from './running.ts'
import { startForFile } from './startforfile.ts'

const all = await startForFile(startAll())

/** Buys as a browser does, and returns the cookie that it is given. */
async function buy(product: string, path: string, cookie = ''): Promise<string> {
  const body = new URLSearchParams({ product, return: `${all.gate}${path}` })
  const init = { method: 'POST', body, headers: { cookie }, redirect: 'manual' } as const
  const response = await fetch(`${all.billing}/checkout`, init)
  expect([response.status, response.headers.get('location')]).toEqual([303, `${all.gate}${path}`])
  return (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
}

async function read(path: string, cookie: string): Promise<number> {
  const authorization = `Bearer ${cookie.slice(cookie.indexOf('=') + 1)}`
  return (await fetch(`${all.gate}${path}`, { headers: { authorization } })).status
}

it('a report, which the demo sells one at a time, can be bought at its checkout', async () => {
  expect(await read('/reports/1', await buy('premium', '/reports/1'))).toBe(402)
  const cookie = await buy('credit', '/reports/1')
  expect(await read('/reports/1', cookie)).toBe(200)
  expect(await read('/articles/1', cookie)).toBe(402)
})

it('whoever buys credit keeps the plan', async () => {
  const cookie = await buy('credit', '/reports/2', await buy('premium', '/articles/1'))
  expect(await read('/articles/1', cookie)).toBe(200)
  expect(await read('/reports/2', cookie)).toBe(200)
})
