import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI, Type } from '@google/genai'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { Mistral } from '@mistralai/mistralai'
import { embedMany, generateText, jsonSchema, type LanguageModel, streamText, tool } from 'ai'
import AnthropicOldest from 'anthropic-sdk-oldest'
import { GoogleGenAI as GoogleGenAIOldest } from 'google-genai-oldest'
import OpenAI from 'openai'

/** What programs do with one SDK. `told`: shown each piece of text of a stream as it comes. */
export interface Conversation {
  text(prompt: string): Promise<string | null | undefined>
  stream(prompt: string, told: (piece: string) => void): Promise<void>
  /** Declares the tool `weather`, and returns the name and the arguments of the call that is asked for. */
  call(prompt: string): Promise<readonly [name: string | undefined, input: unknown]>
  /** Returns how many vectors came of two texts; absent if its API has no embeddings. */
  embed?(): Promise<number>
}

const DEMO = 'demo-model'
const max_tokens = 200
const texts = ['one', 'two']
const PARAMETERS = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
}
const said = (content: string) => [{ role: 'user' as const, content }]
/** Texts are strings in every answer here; SDKs allow for lists of parts. */
const plain = (content: unknown): string => (typeof content === 'string' ? content : JSON.stringify(content))
const parsed = (text: unknown): unknown => JSON.parse(String(text))

function openaiChat(gate: string, apiKey: string, model: string): Conversation {
  const client = new OpenAI({ apiKey, baseURL: `${gate}/openai/v1` })
  const { chat, embeddings } = client
  return {
    async text(prompt) {
      const { choices } = await chat.completions.create({ model, messages: said(prompt) })
      return choices[0]?.message.content
    },
    async stream(prompt, told) {
      const chunks = await chat.completions.create({ model, messages: said(prompt), stream: true })
      // As most programs do it: every chunk has a choice, unless usage was asked for.
      for await (const { choices } of chunks)
        told((choices as [OpenAI.ChatCompletionChunk.Choice])[0].delta.content ?? '')
    },
    async call(prompt) {
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: PARAMETERS } }]
      const { choices } = await chat.completions.create({ model, messages: said(prompt), tools })
      const [found] = choices[0]?.message.tool_calls ?? []
      return found?.type === 'function' ? [found.function.name, parsed(found.function.arguments)] : [undefined, found]
    },
    embed: async () => (await embeddings.create({ model, input: texts })).data.length,
  }
}

function openaiResponses(gate: string, apiKey: string, model: string): Conversation {
  const { responses } = new OpenAI({ apiKey, baseURL: `${gate}/openai/v1` })
  return {
    text: async (input) => (await responses.create({ model, input })).output_text,
    async stream(input, told) {
      for await (const event of await responses.create({ model, input, stream: true }))
        if (event.type === 'response.output_text.delta') told(event.delta)
    },
    async call(input) {
      const weather = { type: 'function' as const, name: 'weather', parameters: PARAMETERS, strict: false }
      const { output } = await responses.create({ model, input, tools: [weather] })
      const found = output.find((item) => item.type === 'function_call')
      return [found?.name, parsed(found?.arguments)]
    },
  }
}

function anthropicMessages({ messages }: Pick<Anthropic, 'messages'>, model: string): Conversation {
  return {
    async text(prompt) {
      const { content } = await messages.create({ model, max_tokens, messages: said(prompt) })
      return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    },
    async stream(prompt, told) {
      const stream = messages.stream({ model, max_tokens, messages: said(prompt) })
      stream.on('text', told)
      await stream.finalMessage()
    },
    async call(prompt) {
      const tools = [{ name: 'weather', input_schema: PARAMETERS }]
      const { content } = await messages.create({ model, max_tokens, messages: said(prompt), tools })
      const found = content.find((block) => block.type === 'tool_use')
      return [found?.name, found?.input]
    },
  }
}

function gemini({ models }: Pick<GoogleGenAI, 'models'>, model: string): Conversation {
  const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] }
  const tools = [{ functionDeclarations: [{ name: 'weather', parameters }] }]
  return {
    text: async (contents) => (await models.generateContent({ model, contents })).text,
    async stream(contents, told) {
      for await (const { text } of await models.generateContentStream({ model, contents })) told(text ?? '')
    },
    async call(contents) {
      const { functionCalls } = await models.generateContent({ model, contents, config: { tools } })
      return [functionCalls?.[0]?.name, functionCalls?.[0]?.args]
    },
    embed: async () => (await models.embedContent({ model, contents: texts })).embeddings?.length ?? 0,
  }
}

function mistral(gate: string, apiKey: string, model: string): Conversation {
  const { chat, embeddings } = new Mistral({ apiKey, serverURL: `${gate}/mistral` })
  return {
    async text(prompt) {
      const { choices } = await chat.complete({ model, messages: said(prompt) })
      return plain(choices[0]?.message?.content)
    },
    async stream(prompt, told) {
      for await (const { data } of await chat.stream({ model, messages: said(prompt) }))
        told(plain(data.choices[0]?.delta.content ?? ''))
    },
    async call(prompt) {
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: PARAMETERS } }]
      const { choices } = await chat.complete({ model, messages: said(prompt), tools })
      const found = choices[0]?.message?.toolCalls?.[0]?.function
      return [found?.name, parsed(found?.arguments)]
    },
    embed: async () => (await embeddings.create({ model, inputs: texts })).data.length,
  }
}

function vercel(languageModel: LanguageModel): Conversation {
  const weather = tool({ inputSchema: jsonSchema(PARAMETERS) })
  return {
    text: async (prompt) => (await generateText({ model: languageModel, prompt })).text,
    async stream(prompt, told) {
      for await (const part of streamText({ model: languageModel, prompt, onError: () => undefined }).fullStream) {
        if (part.type === 'error') throw part.error
        if (part.type === 'text-delta') told(part.text)
      }
    },
    async call(prompt) {
      const { toolCalls } = await generateText({ model: languageModel, prompt, tools: { weather } })
      return [toolCalls[0]?.toolName, toolCalls[0]?.input]
    },
  }
}

function langchain(gate: string, apiKey: string, model: string): Conversation {
  const configuration = { baseURL: `${gate}/openai/v1` }
  const chat = new ChatOpenAI({ model, apiKey, configuration })
  const weather = { type: 'function', function: { name: 'weather', parameters: PARAMETERS } }
  return {
    text: async (prompt) => plain((await chat.invoke(prompt)).content),
    async stream(prompt, told) {
      for await (const { content } of await chat.stream(prompt)) told(plain(content))
    },
    async call(prompt) {
      const { tool_calls } = await chat.bindTools([weather]).invoke(prompt)
      return [tool_calls?.[0]?.name, tool_calls?.[0]?.args]
    },
    embed: async () => (await new OpenAIEmbeddings({ model, apiKey, configuration }).embedDocuments(texts)).length,
  }
}

/** Every SDK, set up with nothing but where the gate is, and a key. */
export function conversations(gate: string, apiKey: string, model = DEMO): Readonly<Record<string, Conversation>> {
  const openai = createOpenAI({ apiKey, baseURL: `${gate}/openai/v1` })
  const embed = async () => (await embedMany({ model: openai.embedding(model), values: texts })).embeddings.length
  const httpOptions = { baseUrl: `${gate}/gemini` }
  return {
    openai: openaiChat(gate, apiKey, model),
    'openai (responses)': openaiResponses(gate, apiKey, model),
    anthropic: anthropicMessages(new Anthropic({ apiKey, baseURL: `${gate}/anthropic` }), model),
    'anthropic 0.x': anthropicMessages(new AnthropicOldest({ apiKey, baseURL: `${gate}/anthropic` }) as never, model),
    genai: gemini(new GoogleGenAI({ apiKey, httpOptions }), model),
    'genai 2.x': gemini(new GoogleGenAIOldest({ apiKey, httpOptions }) as never, model),
    mistral: mistral(gate, apiKey, model),
    'ai (openai)': { ...vercel(openai(model)), embed },
    'ai (openai, chat)': vercel(openai.chat(model)),
    'ai (anthropic)': vercel(createAnthropic({ apiKey, baseURL: `${gate}/anthropic/v1` })(model)),
    langchain: langchain(gate, apiKey, model),
  }
}
