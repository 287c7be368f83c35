/** Makes the plan of a project from what was given and what is answered. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { usageError } from '../commanderror.ts'
import { RECIPES } from '../recipes/all.ts'
import type { Recipe } from '../recipes/recipe.ts'
import { type Answers, hostFault, pathFault, urlFault } from './answers.ts'
import { type InitPlan, type KeyPlace, type Kind, KINDS, type OwnBilling, type Provider } from './plan.ts'
import { KEY_FILES, LLM_PROVIDERS, newKeysFor } from './llm.ts'
import { ownPages, pagesFor } from './pages.ts'
import { nameOf } from './projectname.ts'
import { PRESETS, type PresetFlags, type PresetOption } from './presets.ts'
import { signInFrom, stripeFrom } from './signin.ts'

export interface InitFlags extends PresetFlags {
  readonly kind?: string
  readonly llm?: string
  readonly stripe?: string | true
  readonly signIn?: string
  readonly name?: string
  readonly host?: readonly string[]
  readonly origin?: string
  readonly originUrl?: string
  readonly paid?: readonly string[]
  readonly free?: readonly string[]
  readonly entitlement?: string
  readonly issuer?: string
  readonly billing?: string
  readonly jwks?: string
  readonly checkout?: string
}

const OWN = 'billing'

export async function planFrom(flags: InitFlags, folder: string, answers: Answers): Promise<InitPlan> {
  const kind = await kindFrom(flags, answers)
  if (kind === 'llm') return llmPlanFrom(flags, folder, answers)
  if (flags.llm !== undefined) throw usageError('--llm: not with another kind')
  const { originUrl, recipe } = kind === 'hono' ? NO_ORIGIN : await originFrom(kind, flags, answers)
  const hosts = await hostsFrom(flags, answers)
  const [host] = hosts
  const suggested = recipe?.articles ?? [kind === 'api' ? '/v1/*' : '/articles/*']
  const paths = await pathsFrom(suggested, flags, answers)
  const entitlement = flags.entitlement ?? (kind === 'api' ? 'api' : 'premium')
  const stripe = stripeFrom(flags)
  const { billing, newKeys, provider } =
    stripe === undefined
      ? await readersFrom(host, flags, folder, answers)
      : { ...(await ordersFrom(host, flags, folder, answers)), provider: undefined }
  const signIn = signInFrom(flags.signIn, { billing, provider })
  answers.complete()
  const pages = pagesFor(host, flags.checkout, provider !== undefined)
  return {
    kind,
    name: flags.name ?? nameOf(folder),
    hosts,
    originUrl,
    recipe,
    paths,
    free: [...(await pathsOf(flags.free, answers)), ...(recipe === undefined ? [] : ownPages(host, pages))],
    entitlement,
    billing,
    provider,
    signIn,
    pages,
    llm: undefined,
    stripe,
    newKeys,
  }
}

/** Who signs readers' tokens. */
async function readersFrom(host: string, flags: InitFlags, folder: string, answers: Answers) {
  const issuer = await answers.answer(
    { flag: '--issuer', text: 'Who signs your readers’ tokens?', choices: [OWN, ...Object.keys(PRESETS)] },
    flags.issuer,
  )
  const billing = await billingFrom(issuer === OWN, host, flags, folder, answers)
  return { billing, newKeys: undefined, provider: await providerFrom(issuer, host, flags, answers) }
}

/** Who signs operators' orders: keys that are made with the project, if there are none. */
async function ordersFrom(
  host: string,
  flags: InitFlags,
  folder: string,
  answers: Answers,
): Promise<Pick<InitPlan, 'billing' | 'newKeys'>> {
  const newKeys = flags.jwks === undefined && flags.billing === undefined ? await newKeysFor(folder) : undefined
  if (newKeys !== undefined) {
    return { newKeys, billing: { issuer: billingOf(host), keys: { file: `./${KEY_FILES.published}` } } }
  }
  const given: InitFlags = { ...flags, jwks: flags.jwks ?? KEY_FILES.published }
  return { newKeys, billing: await billingFrom(true, host, given, folder, answers) }
}

/** A project that sells a provider's models needs little more than its name. */
async function llmPlanFrom(flags: InitFlags, folder: string, answers: Answers): Promise<InitPlan> {
  const provider = await answers.answer(
    { flag: '--llm', text: 'Whose models?', choices: Object.keys(LLM_PROVIDERS) },
    flags.llm,
  )
  const llm = LLM_PROVIDERS[provider]
  const origin = {
    flag: '--origin',
    text: 'The URL of your server',
    fallback: 'http://127.0.0.1:8000',
    fault: urlFault,
  }
  const originUrl =
    llm?.secret === undefined || flags.origin !== undefined ? await answers.answer(origin, flags.origin) : undefined
  const hosts = await hostsFrom(flags, answers, 'llm.example.com')
  const [host] = hosts
  const { billing, newKeys } = await ordersFrom(host, flags, folder, answers)
  answers.complete()
  return {
    kind: 'llm',
    name: flags.name ?? nameOf(folder),
    hosts,
    originUrl: originUrl === undefined ? undefined : originOf(originUrl),
    recipe: undefined,
    paths: [`${llm?.path ?? ''}/*`],
    free: [],
    entitlement: flags.entitlement ?? 'api',
    billing,
    provider: undefined,
    signIn: undefined,
    pages: pagesFor(host, flags.checkout, false),
    llm,
    stripe: undefined,
    newKeys,
  }
}

const NO_ORIGIN = { originUrl: undefined, recipe: undefined }

async function kindFrom({ kind, llm, stripe }: InitFlags, answers: Answers): Promise<Kind> {
  if (llm !== undefined && kind === undefined) return 'llm'
  if (stripe !== undefined && kind === undefined) return 'publisher'
  const question = { flag: 'a kind:', text: 'What is behind the gate?', choices: KINDS }
  const found = await answers.answer(question, kind)
  return KINDS.find((each) => each === found) ?? 'publisher'
}

async function originFrom(
  kind: Kind,
  flags: InitFlags,
  answers: Answers,
): Promise<{ originUrl: string; recipe: Recipe | undefined }> {
  const names = kind === 'publisher' ? Object.keys(RECIPES) : []
  const origin = await answers.answer(
    {
      flag: '--origin',
      text: names.length === 0 ? 'The URL of your API’s server' : `Your server: ${names.join(', ')}, or its URL`,
      example: [...names, 'https://origin.example.com'].join(' | '),
      fault: (text) => (names.includes(text) ? undefined : urlFault(text)),
    },
    flags.origin,
  )
  const recipe = names.includes(origin) ? RECIPES[origin] : undefined
  if (recipe === undefined) return { originUrl: originOf(origin), recipe }
  const question = {
    flag: '--origin-url',
    text: `The URL of ${recipe.title} behind the gate`,
    example: 'https://origin.example.com',
    fault: urlFault,
  }
  return { originUrl: originOf(await answers.answer(question, flags.originUrl)), recipe }
}

/** Without a final slash. */
function originOf(url: string): string {
  return url.replace(/\/$/, '')
}

async function hostsFrom(
  { host }: InitFlags,
  answers: Answers,
  fallback?: string,
): Promise<readonly [string, ...string[]]> {
  const question = {
    flag: '--host',
    text: 'The host that your readers ask for',
    example: 'www.example.com',
    fault: hostFault,
    ...(fallback === undefined ? {} : { fallback }),
  }
  const [first, ...more] = host ?? []
  const answered = await answers.answer(question, first)
  for (const each of more) await answers.answer(question, each)
  return [answered, ...more]
}

async function pathsFrom(
  suggested: readonly string[],
  { paid }: InitFlags,
  answers: Answers,
): Promise<readonly string[]> {
  const [fallback = '/articles/*'] = suggested
  const question = { flag: '--paid', text: 'The paths that are sold', fallback, fault: pathFault }
  const [first, ...more] = paid ?? []
  const answered = await answers.answer(question, first)
  for (const each of more) await answers.answer(question, each)
  return [answered, ...more]
}

/** Paths that need not be given. */
async function pathsOf(given: readonly string[] = [], answers: Answers): Promise<readonly string[]> {
  for (const path of given) await answers.answer({ flag: '--free', text: '', fault: pathFault }, path)
  return given
}

/** An own billing side is optional beside a provider. */
async function billingFrom(
  isOnly: boolean,
  host: string,
  flags: InitFlags,
  folder: string,
  answers: Answers,
): Promise<OwnBilling | undefined> {
  if (!isOnly && flags.billing === undefined && flags.jwks === undefined) return undefined
  const issuer = await answers.answer(
    {
      flag: '--billing',
      text: 'The issuer ("iss") of your billing’s tokens',
      fallback: billingOf(host),
      fault: urlFault,
    },
    flags.billing,
  )
  const jwks = await answers.answer(
    {
      flag: '--jwks',
      text: 'Its public keys: a URL, or a file here',
      fallback: `${originOf(issuer)}/jwks.json`,
    },
    flags.jwks,
  )
  return { issuer, keys: keysAt(jwks, folder) }
}

function billingOf(host: string): string {
  const domain = host.split('.').slice(1).join('.')
  return `https://billing.${domain.includes('.') ? domain : host}`
}

function keysAt(given: string, folder: string): KeyPlace {
  if (/^https?:/.test(given)) {
    const fault = urlFault(given)
    if (fault !== undefined) throw usageError(`--jwks: ${fault}`)
    return { url: given }
  }
  const path = resolve(folder, given)
  if (!existsSync(path)) throw usageError(`--jwks: there is no ${path}; "npx faregate keys generate" makes one`)
  const file = relative(folder, path)
  return { file: file.startsWith('.') ? file : `./${file}` }
}

async function providerFrom(
  issuer: string,
  host: string,
  flags: InitFlags,
  answers: Answers,
): Promise<Provider | undefined> {
  const preset = PRESETS[issuer]
  if (preset === undefined) return undefined
  const options: Record<string, unknown> = {}
  for (const option of preset.options) {
    const given = flags[option.flag]
    const first = typeof given === 'string' || given === undefined ? given : given.join(',')
    const text = await answers.answer(questionOf(option, host), first)
    options[option.name] = option.isList === true ? text.split(',') : text
  }
  return { preset, options }
}

function questionOf({ flag, question, example }: PresetOption, host: string) {
  const isOwn = flag === 'authorizedParty'
  return {
    flag: `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    text: question,
    example,
    ...(isOwn ? { fallback: `https://${host}` } : {}),
  }
}
