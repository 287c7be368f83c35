/** The languages of Stripe's pages. */
const LOCALES =
  'bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'.split(
    ' ',
  )
const MOST_LANGUAGES = 10

/** Returns the first of the reader's languages that Stripe's pages have, else `auto`. `languages`: as in `Accept-Language`. */
export function localeFor(languages: string | undefined): string {
  const wanted = (languages ?? '')
    .split(',', MOST_LANGUAGES)
    .map((item) => {
      const [tag = '', q] = item.split(';')
      const weight = q === undefined ? 1 : Number(/^\s*q=([\d.]+)\s*$/.exec(q)?.[1] ?? 0)
      return { tag: tag.trim().toLowerCase(), weight }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
  for (const { tag } of wanted) {
    const found = LOCALES.find((locale) => locale.toLowerCase() === tag)
    const whole = found ?? LOCALES.find((locale) => locale === tag.split('-', 1)[0])
    if (whole !== undefined) return whole
  }
  return 'auto'
}
