import type { Zone } from '../zone.ts'
import type { ReadFound, SettleFound } from './plugin.ts'

interface Watched {
  readonly readFound?: ReadFound | undefined
  readonly settleFound?: SettleFound | undefined
}

/**
 * Tells whoever watches: what led to a lifted hold is not listened to for a week. The hold itself is lifted or confirmed already,
 * so an object that does not answer changes nothing of that.
 */
export async function noteDisposition(
  reference: string,
  isLifted: boolean,
  zone: Zone,
  { readFound, settleFound }: Watched,
): Promise<void> {
  const found = await readFound?.(zone)
  if (found?.ok !== true) return
  const finding = found.value.findings.find((one) => one.reference === reference && one.step === 'hold')
  if (finding !== undefined) await settleFound?.(zone, finding, isLifted ? 'lifted' : 'confirmed')
}
