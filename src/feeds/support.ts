import { err, ok, type Result } from '../core/result.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import {
  type AdminAction,
  badRequest,
  isText,
  operatorEndpoint,
  readIssuer,
  readMembers,
} from '../endpoints/operator.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import { changeFeed, FEEDS_NOT_KNOWN, feedsOf } from './owned.ts'
import { describeFeed } from './view.ts'

/**
 * `POST /__faregate/feeds/support` with an operator token of the scope `feeds`: `{"action": "list", "account": "account-7"}`
 * lists an account's feeds; `disable` and `enable` switch one off and on, and `remove` ends it, each with its `id`. Nobody but
 * its owner makes a feed, or learns its URL. `issuer` names the account's issuer if the site trusts several.
 *
 * @example
 * ```ts options
 * endpoints: [manageFeeds(), supportFeeds()]
 * ```
 */
export function supportFeeds(): EndpointFactory {
  return { ...operatorEndpoint('feeds', createAction), path: 'feeds/support' }
}

const ACTIONS = { list: 'feeds-listed', disable: 'feed-disabled', enable: 'feed-enabled', remove: 'feed-removed' }

interface SupportOrder {
  readonly action: keyof typeof ACTIONS
  readonly issuer: string
  readonly account: string
  readonly id: string
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: FEEDS_NOT_KNOWN,
    async run(body, zone, audit) {
      const order = readSupportOrder(body, zone)
      if (!order.ok) return err(badRequest(order.error))
      const { action, issuer, account, id } = order.value
      audit.action = ACTIONS[action]
      audit.subject = { issuer, account, ...(id !== '' && { jti: id }) }
      audit.isIdle = action === 'list'
      const owner = { issuer, account, zone }
      if (action === 'list') {
        const listed = await feedsOf(owner, services)
        return listed.ok ? ok({ feeds: listed.value.map(describeFeed) }) : listed
      }
      const what =
        action === 'remove'
          ? { isRemoved: true as const }
          : { change: { isDisabled: action === 'disable' ? true : undefined } }
      const changed = await changeFeed(owner, services, { id, ...what, act: audit.toAct({ feed: id }) })
      return changed.ok ? ok({ feed: describeFeed(changed.value) }) : changed
    },
  }
}

function readSupportOrder(body: unknown, zone: Zone): Result<SupportOrder, string> {
  const members = readMembers(body, ['action', 'account', 'issuer', 'id'])
  if (!members.ok) return members
  const given = members.value
  const issuer = readIssuer(given.get('issuer'), zone)
  if (!issuer.ok) return issuer
  const [action, account, id] = [given.get('action'), given.get('account'), given.get('id') ?? '']
  if (typeof action !== 'string' || !isAction(action))
    return err(`action: expected one of ${Object.keys(ACTIONS).join(', ')}.`)
  if (!isText(account)) return err('account: expected the "sub" of its tokens.')
  if (typeof id !== 'string' || (action === 'list') !== (id === ''))
    return err('id: expected that of a feed, and nothing for a list.')
  return ok({ action, issuer: issuer.value, account, id })
}

function isAction(action: string): action is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, action)
}
