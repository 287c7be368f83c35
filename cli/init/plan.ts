import type { IssuerKey } from '../../src/billing/index.ts'
import type { Recipe } from '../recipes/recipe.ts'
import type { LlmProvider } from './llm.ts'
import type { Preset } from './presets.ts'

export const KINDS = ['publisher', 'api', 'hono', 'llm'] as const
export type Kind = (typeof KINDS)[number]

/** Keys at a URL, or in a file beside the configuration. */
export type KeyPlace = { readonly url: string } | { readonly file: string }

/** A billing side of one's own, which signs tokens, events and operators' tokens. */
export interface OwnBilling {
  readonly issuer: string
  readonly keys: KeyPlace
}

export interface Provider {
  readonly preset: Preset
  readonly options: Readonly<Record<string, unknown>>
}

/** The pages to which a refused reader is sent. */
export interface SalesPages {
  readonly checkout: string
  readonly signIn: string | undefined
  readonly documentation: string
}

/** Where the gate signs readers in, by OAuth 2.0. */
export interface SignIn {
  readonly issuer: string
  /** The gate's name there. */
  readonly clientId: string
}

/** A subscription that Stripe sells: no other billing, and no issuer of tokens. */
export interface StripeSale {
  /** The id of a recurring price. */
  readonly price: string
}

/** All that `init` has to know. */
export interface InitPlan {
  readonly kind: Kind
  /** The project's name, for wrangler and npm. */
  readonly name: string
  readonly hosts: readonly [string, ...string[]]
  /** Undefined where the app is its own origin, and where a provider of language models answers at its own address. */
  readonly originUrl: string | undefined
  readonly recipe: Recipe | undefined
  readonly paths: readonly string[]
  /** Paths for everyone, where not all others are. */
  readonly free: readonly string[]
  readonly entitlement: string
  readonly billing: OwnBilling | undefined
  readonly provider: Provider | undefined
  /** How readers get a cookie; undefined if the site sees to that. */
  readonly signIn: SignIn | undefined
  readonly pages: SalesPages
  /** The provider of language models that is sold. */
  readonly llm: LlmProvider | undefined
  /** What is sold with Stripe alone. */
  readonly stripe: StripeSale | undefined
  /** Keys of billing that are written with the project. */
  readonly newKeys: readonly IssuerKey[] | undefined
}
