/** A language tag, as far as it says a language and a place (RFC 5646). */
const TAG = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}$/
const MOST = 5

/**
 * Returns the reader's languages as `ui_locales` of OpenID Connect Core §3.1.2.1 lists them, the most wanted first; undefined if
 * `Accept-Language` names none.
 */
export function localesOf(acceptLanguage: string | undefined): string | undefined {
  const wanted = (acceptLanguage ?? '').split(',').flatMap((item) => {
    const [tag = '', ...parameters] = item.split(';').map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    return TAG.test(tag) && weight > 0 ? [{ tag, weight }] : []
  })
  const tags = wanted.toSorted((one, other) => other.weight - one.weight).map(({ tag }) => tag)
  return tags.length === 0 ? undefined : tags.slice(0, MOST).join(' ')
}
