import { describeEvidence, type Finding } from '../anomalies/rules/finding.ts'
import { type Availability, instant } from '../ledger/ledgerview.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'

/** What was found of an account that is not normal, the latest first. Null where nobody watches, or the account is not known. */
export async function foundOf(
  hash: string | undefined,
  zone: Zone,
  { readFound }: Services,
): Promise<Availability<readonly object[]>> {
  if (readFound === undefined || hash === undefined) return null
  const found = await readFound(zone)
  if (!found.ok) return 'unavailable'
  return found.value.findings.filter(({ suspect, key }) => suspect === 'account' && key === hash).map(describeFinding)
}

function describeFinding({
  step,
  time,
  until,
  reference,
  isActed,
  disposition,
  evidence,
  ...finding
}: Finding): object {
  return {
    step,
    time: instant(time),
    until: until === undefined ? null : instant(until),
    reference: reference ?? null,
    isActed,
    disposition: disposition ?? null,
    evidence: describeEvidence(evidence),
    for: finding.for,
  }
}
