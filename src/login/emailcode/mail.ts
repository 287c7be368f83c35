import { ok, err, type Result } from '../../core/result.ts'
import type { CodeMail } from '../../rails/emailcodes.ts'
import type { LoginPlatform } from '../../endpoints/loginplugin.ts'
import { postBatch } from '../../usage/post.ts'
import { createBodySigner } from '../../usage/signing.ts'

/** The operator's address that sends mails, and the secret that signs what is posted there. */
export interface MailWebhook {
  readonly url: string
  readonly secret: string
}

/**
 * Makes what hands mails to the operator's webhook: a POST of `{"email", "code", "site", "expires"}`, signed in
 * `Faregate-Signature` as usage is. Any 2xx takes it. The error says what went wrong, without any part of the mail.
 */
export function createMailer(
  { url, secret }: MailWebhook,
  { clock, fetch }: LoginPlatform,
): (mail: CodeMail) => Promise<Result<undefined, string>> {
  const sign = createBodySigner(secret)
  return async ({ expires, ...mail }) => {
    const body = JSON.stringify({ ...mail, expires: new Date(expires).toISOString() })
    const signature = await sign(Math.floor(clock() / 1000), body)
    const fields = { 'content-type': 'application/json', 'faregate-signature': signature }
    const posted = await postBatch({ fetch }, url, fields, body)
    if (!posted.ok) return posted
    const { status } = posted.value
    return status >= 200 && status < 300 ? ok(undefined) : err(`status ${status}`)
  }
}
