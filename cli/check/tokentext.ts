import type { TokenProof } from '../../src/access/proof.ts'
import { describeMoney, formatAmount } from '../../src/core/money.ts'
import type { TokenReport } from './check-token.ts'

/** Writes the report of one zone as lines for people. */
export function tokenText(report: TokenReport): string {
  const { zone, outcome, detail, hint, proof, checks, routes } = report
  const verdict = outcome === 'taken' ? `taken by ${proof?.issuer ?? 'its issuer'}` : `refused: ${outcome}`
  return [
    `${zone}: ${verdict}`,
    ...(report.isSignatureChecked ? [] : [UNCHECKED]),
    ...(detail === undefined ? [] : [`  ${detail}`]),
    ...(hint === undefined ? [] : [`  ${hint}`]),
    ...checks.map(checkLine),
    ...(proof === undefined ? [] : proofLines(proof, report.isSpokenFor)),
    ...report.emptyPlaces.map(emptyLine),
    ...(routes.length > 0 && outcome !== 'taken' ? ['  as of when it was issued:'] : []),
    ...routes.map(({ route, opens, why }) => `  ${opens ? 'opens' : 'does not open'} ${route}: ${why}`),
  ].join('\n')
}

/** Returns the report of one zone as JSON has it. */
export function tokenView({ proof, ...report }: TokenReport): object {
  return { ...report, ...(proof && { says: proofView(proof) }) }
}

function proofView(proof: TokenProof): object {
  const times = { issued: instant(proof.issuedAt), expires: instant(proof.expires) }
  if (proof.kind === 'receipt') {
    const { issuer, amount, resource, methods } = proof
    return { issuer, ...describeMoney(amount), resource: resource.pattern.source, methods, ...times }
  }
  const { issuer, account, entitlements, plan, standing } = proof
  const limits = proof.limits.map(({ quota, ...limit }) => ({ ...limit, quota: String(quota) }))
  return { issuer, account, entitlements, ...(plan && { plan }), limits, standing, ...times }
}

const UNCHECKED = '  THE SIGNATURE WAS NOT CHECKED: the keys could not be had. Anyone may have written what follows.'

function checkLine({ check, outcome, found, expected, detail }: TokenReport['checks'][number]): string {
  const values = outcome === 'fail' ? ` expected ${shown(expected)}, found ${shown(found)}` : ''
  const why = outcome === 'skipped' && detail !== undefined ? ` ${detail}` : ''
  return `  ${WORDS[outcome]} ${check.padEnd(10)}${values}${why}`.trimEnd()
}

const WORDS = { pass: 'ok     ', fail: 'FAIL   ', skipped: 'skipped' } as const

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function proofLines(proof: TokenProof, isSpokenFor: boolean): string[] {
  const times = `${instant(proof.issuedAt)} to ${instant(proof.expires)}, ${Math.round(proof.expires - proof.issuedAt)} s`
  if (proof.kind === 'receipt') {
    const { amount, resource, methods } = proof
    return [
      `  receipt       ${formatAmount(amount)} ${amount.currency} for ${methods.join(', ')} ${resource.pattern.source}`,
      `  good          ${times}`,
    ]
  }
  const { account, entitlements, plan, limits, standing } = proof
  return [
    `  account       ${account}`,
    `  entitlements  ${entitlements.length === 0 ? 'none' : entitlements.join(', ')}`,
    `  plan          ${plan ?? 'none'}`,
    `  limits        ${limits.length === 0 ? 'none' : limits.map(({ name, quota, window }) => `${name} ${quota} in ${window}`).join(', ')}`,
    `  standing      ${standing} by the token${isSpokenFor ? ', and billing’s word in its place' : ''}; the gate may know better`,
    `  good          ${times}`,
  ]
}

function emptyLine({ fact, path, similar }: TokenReport['emptyPlaces'][number]): string {
  const has = similar.length === 0 ? '' : `; the token has ${similar.join(', ')}`
  return `  nothing at    ${path}, where the configuration looks for ${fact}${has}`
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
