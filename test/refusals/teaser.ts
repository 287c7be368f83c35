import type { PreviewedPage, RefusalFormat } from '../../src/refusals/format.ts'

/** What ends the free part of a page. */
export const END = '<!-- paid -->'

/** A format that shows a page up to its mark, and then what is asked for; without the mark, the refusal alone. */
export function teaser(isStreamed: boolean): RefusalFormat {
  return {
    name: 'teaser',
    accepts: ({ fields }) => fields.get('accept') === 'text/teaser',
    write: ({ title }) => ({ fields: [['Content-Type', 'text/plain']], body: title }),
    async preview({ title, instance }, _refusal, page) {
      const free = await freePart(page)
      if (free === undefined) return undefined
      const text = `${free}<p>${title}</p><p>${instance}</p>`
      return { fields: [['Content-Type', page.type]], body: isStreamed ? streamOf(text) : text }
    },
  }
}

async function freePart({ body }: PreviewedPage): Promise<string | undefined> {
  const [free = '', ...rest] = (await new Response(body).text()).split(END)
  return rest.length === 0 ? undefined : free
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new Response(text).body ?? new ReadableStream()
}
