/** An error of Stripe's API, thrown where a call ends with it. */
export class StripeProblem extends Error {
  readonly status: number
  readonly error: Readonly<Record<string, string>>

  constructor(status: number, error: Readonly<Record<string, string>> & { readonly message: string }) {
    super(error.message)
    this.status = status
    this.error = { type: 'invalid_request_error', ...error }
  }
}

/** The object of a path is not there: 404. One that a parameter names: 400. */
export function noSuch(kind: string, id: string, param?: string): StripeProblem {
  const message = `No such ${kind}: '${id}'`
  return new StripeProblem(param === undefined ? 404 : 400, { code: 'resource_missing', message, param: param ?? 'id' })
}
