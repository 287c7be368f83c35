import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { ChatOpenAI } from '@langchain/openai'
import { Mistral } from '@mistralai/mistralai'
import { generateText } from 'ai'
import AnthropicOldest from 'anthropic-sdk-oldest'
import { GoogleGenAI as GoogleGenAIOldest } from 'google-genai-oldest'
import OpenAI from 'openai'

/** Asks a model to greet, with nothing but where the gate is and a key: what else an SDK does is its own default. */
export type Greet = (gate: string, apiKey: string, model: string) => Promise<unknown>

const messages = [{ role: 'user' as const, content: 'Hello.' }]
const contents = 'Hello.'
const prompt = 'Hello.'

/** The SDKs, each as its documentation shows it. */
export const CLIENTS = {
  openai: (gate, apiKey, model) =>
    new OpenAI({ apiKey, baseURL: `${gate}/openai/v1` }).chat.completions.create({ model, messages }),
  'openai (responses)': (gate, apiKey, model) =>
    new OpenAI({ apiKey, baseURL: `${gate}/openai/v1` }).responses.create({ model, input: prompt }),
  anthropic: (gate, apiKey, model) =>
    new Anthropic({ apiKey, baseURL: `${gate}/anthropic` }).messages.create({ model, max_tokens: 50, messages }),
  'anthropic (authToken)': (gate, authToken, model) =>
    new Anthropic({ apiKey: null, authToken, baseURL: `${gate}/anthropic` }).messages.create({
      model,
      max_tokens: 50,
      messages,
    }),
  'anthropic 0.x': (gate, apiKey, model) =>
    new AnthropicOldest({ apiKey, baseURL: `${gate}/anthropic` }).messages.create({ model, max_tokens: 50, messages }),
  genai: (gate, apiKey, model) =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${gate}/gemini` } }).models.generateContent({ model, contents }),
  'genai 2.x': (gate, apiKey, model) =>
    new GoogleGenAIOldest({ apiKey, httpOptions: { baseUrl: `${gate}/gemini` } }).models.generateContent({
      model,
      contents,
    }),
  mistral: (gate, apiKey, model) =>
    new Mistral({ apiKey, serverURL: `${gate}/mistral` }).chat.complete({ model, messages }),
  'ai (openai)': (gate, apiKey, model) =>
    generateText({ model: createOpenAI({ apiKey, baseURL: `${gate}/openai/v1` })(model), prompt }),
  'ai (openai, chat)': (gate, apiKey, model) =>
    generateText({ model: createOpenAI({ apiKey, baseURL: `${gate}/openai/v1` }).chat(model), prompt }),
  'ai (anthropic)': (gate, apiKey, model) =>
    generateText({ model: createAnthropic({ apiKey, baseURL: `${gate}/anthropic/v1` })(model), prompt }),
  langchain: (gate, apiKey, model) =>
    new ChatOpenAI({ model, apiKey, configuration: { baseURL: `${gate}/openai/v1` } }).invoke(prompt),
} satisfies Record<string, Greet>
