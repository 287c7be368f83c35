/** Reads the queue, and hands each batch on. */
export default {
  async queue({ messages }, { TAKEN }) {
    const body = JSON.stringify(messages.map((message) => message.body))
    await TAKEN.fetch('https://taken.test/', { method: 'POST', body })
  },
} satisfies ExportedHandler<{ readonly TAKEN: Fetcher }>
