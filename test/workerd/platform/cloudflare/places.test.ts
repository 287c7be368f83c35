import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { objectsOf } from '../../../../src/platform/cloudflare/ledgers.ts'

describe('the places of ledgers in workerd, which has none', () => {
  const named = (place: Parameters<NonNullable<ReturnType<typeof objectsOf>>['ledgers']>[1]) =>
    objectsOf(env)?.ledgers('account of a place', place)

  it('are no matter where a hint says them', async () => {
    expect(await named({ locationHint: 'weur' })?.read({})).toMatchObject({ ok: true })
  })

  it('are refused by the runtime where a jurisdiction does, and no other ledger is used in its place', async () => {
    await expect(named({ jurisdiction: 'eu', locationHint: 'weur' })?.read({})).rejects.toThrow(/jurisdiction/i)
  })
})
