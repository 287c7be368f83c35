import type { Result } from '../core/result.ts'
import type { LoginContext, LoginFault, TripOutcome } from './login.ts'

/**
 * Signing in by a code in an email: who can read the mail of an address has the accounts that were opened with it. The codes,
 * the cookie and the pages are the same for every login; these are the questions that only the login can answer.
 */
export interface EmailCodes {
  /** Returns true if an account has the address. */
  isKnown(email: string, context: LoginContext): Promise<Result<boolean, LoginFault>>
  /** Has the mail sent. The error says what went wrong, without any part of the mail. */
  send(mail: CodeMail): Promise<Result<undefined, string>>
  /** Signs in the account of the address; undefined if none has it any more. */
  signIn(email: string, context: LoginContext): Promise<Result<EmailSignIn | undefined, LoginFault>>
}

export type EmailSignIn = Extract<TripOutcome, { kind: 'signed-in' }>

/** What the mail has to say. */
export interface CodeMail {
  readonly email: string
  /** As it is to be shown. */
  readonly code: string
  /** The origin of the site that is signed in to. */
  readonly site: string
  /** The end of the code, in milliseconds since 1970. */
  readonly expires: number
}
