import type { Attempt } from '../../access/meter.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import { capOf } from './call.ts'
import { type CallTarget, type Gateway, providersAt, pseudonymsOf, type ReadCall } from './gateway.ts'
import type { Model } from './models.ts'
import { applyEdits } from './rules/edit.ts'
import type { RequestChanges } from './rules/request.ts'
import { keepListedFields } from './upstream.ts'

/** One way to send a call: to one model at one server. */
export interface CallAttempt extends Attempt {
  readonly call: ReadCall
  readonly account: Entitlement | undefined
  /** The time of the request, in milliseconds since 1970. */
  readonly since: number
  readonly model: Model
  /** The cap on the output of one choice, if the gate has lowered it. */
  readonly cap: bigint | undefined
  /** Gives up the memory of the request, which has been answered. No attempt at the call has content afterwards. */
  forget(): void
}

/** Returns true for an attempt at a call, rather than at something free. */
export function isCallAttempt(attempt: Attempt): attempt is CallAttempt {
  return 'call' in attempt
}

/** Returns the ways to send a call: each candidate at each server, in order. `cap`: set by the gate in place of the client's. */
export function attemptsAt(
  gateway: Gateway,
  call: ReadCall,
  target: CallTarget,
  account: Entitlement | undefined,
  cap?: bigint,
): readonly CallAttempt[] {
  const pseudonym = pseudonymsOf(gateway, account)
  const { source } = call
  const edited = new Map<Model, Uint8Array<ArrayBuffer>>()
  const forget = (): void => {
    Object.assign(source, { body: {}, content: new Uint8Array() })
    edited.clear()
  }
  return call.candidates.flatMap((model) => {
    const changes = { ...changesFor(gateway, call, model, cap), pseudonym }
    return gateway.urls.map((server) => ({
      ...jsonAttempt(plainAttempt(gateway, server, pathFor(call, model, target))),
      at: { model: model.id, providers: providersAt(gateway.provider, server) },
      call,
      account,
      since: call.since,
      model,
      cap,
      forget,
      get content() {
        if (source.content.length === 0) return source.content
        const content = edited.get(model) ?? applyEdits(source.content, call.api.edit(source.body, changes))
        edited.set(model, content)
        return content
      },
    }))
  })
}

function pathFor({ api, model: asked, request }: ReadCall, model: Model, { path }: CallTarget): string {
  const isSame = model === asked && request.model === model.id
  return isSame || api.pathFor === undefined ? path : api.pathFor(path, model.id)
}

function changesFor(
  { options }: Gateway,
  { request, model: asked }: ReadCall,
  model: Model,
  cap: bigint | undefined,
): RequestChanges {
  const isNamed = model === asked && request.model === model.id
  const isCapped = request.output.choices > 0n
  const written = cap ?? (request.output.cap === undefined ? model.defaultOutput : undefined)
  const above = request.output.cap !== undefined && cap === undefined && request.output.cap > model.limit.output
  const lowered = above && model !== asked ? capOf(request, model) : written
  const asksUsage = request.isStream && !request.isUsageAsked && options.includeUsage !== false
  return {
    ...(!isNamed && { model: model.id }),
    ...(isCapped && lowered !== undefined && { cap: lowered }),
    ...(request.tier === undefined && { tier: 'default' as const }),
    ...(asksUsage && { asksUsage }),
    ...(request.isStream && options.runningUsage === true && { asksRunningUsage: true }),
  }
}

/** What was read as JSON is sent as JSON: a server might find another model in it if it read a form, or another charset. */
function jsonAttempt<A extends Attempt>(attempt: A): A {
  return {
    ...attempt,
    request(outgoing) {
      const sent = attempt.request?.(outgoing) ?? outgoing
      sent.headers.set('content-type', 'application/json')
      return sent
    },
  }
}

/** Returns an attempt at one server, with the operator's key and the fields that may go there. */
export function plainAttempt(gateway: Gateway, server: string, path: string): Attempt & { readonly path: string } {
  return {
    server,
    path,
    at: { providers: providersAt(gateway.provider, server) },
    request(outgoing) {
      const { betas = [] } = gateway.options
      keepListedFields(outgoing.headers, gateway.provider, { betas })
      if (gateway.secret !== undefined) gateway.provider.authorize(outgoing.headers, gateway.secret, path)
      return outgoing
    },
  }
}
